"""What invites bring: credits for both sides, once each, and what becomes of them when the friend's money goes back."""

from accounts.models import User
from billing.models import Payment


def picture_made(user: User) -> None:
    """Note that a person has pictures. Called behind their wallet's lock, so it locks no other wallet."""


def payment_applied(payment: Payment) -> None:
    """Note that a payment came or changed. Called behind its wallet's lock, so it locks no other wallet."""
