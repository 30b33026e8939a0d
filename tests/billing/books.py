"""A wallet's books in tests: the verbs in short, and what stands there afterwards."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from billing import ledger, plans
from billing.audit import audit
from billing.brought import grant_key
from billing.models import CreditHold, CreditLot, LedgerEntry, Pack, Payment, Plan, Subscription, Wallet

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


def make_subscription(wallet: Wallet, plan: str = "starter", **facts: Any) -> Subscription:
    """Return a subscription that runs for thirty days from now, its plan in force."""
    row = Plan.objects.get(slug=plan)
    now = timezone.now()
    with transaction.atomic():
        plans.turn_to(wallet, row, now)
    span = {"period_starts_at": now, "period_ends_at": now + 30 * DAY, "started_at": now}
    terms = {"interval": "month", "price_id": "price_1", "status": "active", "card": "Visa ending in 4242"}
    named = {"subscription_id": f"sub_{uuid4().hex}", "user": wallet.user, "plan": row}
    return Subscription.objects.create(**{**named, **terms, **span, **facts})


def make_payment(wallet: Wallet, slug: str = "site-5000", **facts: Any) -> Payment:
    """Return a payment for a pack, with the lot it brought; `facts` say what became of it."""
    row = Pack.objects.get(slug=slug)
    named = {"payment_id": f"in_{uuid4().hex}", "kind": "pack", "pack": row, "paid_at": timezone.now()}
    money = {"amount_cents": row.price_cents, "credits": row.credits}
    payment = Payment.objects.create(**{"wallet": wallet, **named, **money, **facts})
    ledger.grant(
        wallet,
        payment.credits,
        source=CreditLot.Source.PURCHASE,
        key=grant_key(payment.payment_id),
        reason=f"Bought: {row.name}",
        reference=payment.reference,
    )
    return payment
