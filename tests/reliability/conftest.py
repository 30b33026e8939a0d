"""What the proofs of reliability borrow from billing's tests."""

from tests.billing.conftest import embedded

__all__ = ["embedded"]
