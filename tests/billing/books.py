"""A wallet's books in tests: the verbs in short, and what stands there afterwards."""

from datetime import UTC, datetime, timedelta

from billing import ledger
from billing.audit import audit
from billing.models import CreditHold, LedgerEntry, Wallet

NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def take(wallet: Wallet, credits: int, key: str = "hold") -> CreditHold:
    return ledger.hold(wallet, credits, key=key, reason="A picture", reference="job:1")


def settle(hold: CreditHold, credits: int, key: str = "settle") -> LedgerEntry:
    return ledger.settle(hold, credits, key=key, reason="1 picture")


def release(hold: CreditHold, key: str = "release") -> LedgerEntry | None:
    return ledger.release(hold, key=key, reason="Given back: canceled")


def left(wallet: Wallet) -> list[int]:
    """Return what the lots have left, in the order in which they came."""
    return list(wallet.lots.order_by("created_at", "id").values_list("remaining", flat=True))


def lines(wallet: Wallet) -> list[tuple[str, int, int]]:
    return list(wallet.entries.order_by("id").values_list("kind", "delta", "balance_after"))


def balance(wallet: Wallet) -> int:
    wallet.refresh_from_db()
    assert list(audit(wallet.pk)) == []
    return wallet.balance
