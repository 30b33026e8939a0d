"""What the shop may tell, made by hand: subscriptions and invoices as facts, without a shop."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import User
from billing.models import Customer, Pack, Plan
from billing.payers import reference_for
from billing.payment_facts import CardFacts, ChargeFacts, DisputeFacts, InvoiceFacts, LineFacts, SubscriptionState

NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
MONTH = timedelta(days=31)
CARD = CardFacts("visa", "4242", "fp_4242", "12/2040")


def customer_of(user: User) -> str:
    return Customer.objects.get_or_create(user=user, defaults={"customer_id": f"cus_{user.pk.hex}"})[0].customer_id


def price(slug: str, interval: str = "month") -> str:
    """Return a plan's price, as if the shop had been told of it."""
    plan = Plan.objects.get(pk=slug)
    setattr(plan, f"{interval}_price_id", f"price_{slug}_{interval}")
    plan.save()
    return plan.price_id(interval)


def pack_price(slug: str) -> str:
    Pack.objects.filter(pk=slug).update(price_id=f"price_{slug}")
    return f"price_{slug}"


def subscription(user: User, slug: str = "starter", interval: str = "month", **facts: Any) -> SubscriptionState:
    """Return an active subscription from NOW on."""
    state = SubscriptionState(
        id="sub_1",
        customer_id=customer_of(user),
        status="active",
        price_id=price(slug, interval),
        key=f"{slug}:{interval}",
        interval=interval,
        period_starts_at=NOW,
        period_ends_at=NOW + MONTH,
        cancels_at_period_end=False,
        ended_at=None,
        created_at=NOW,
        latest_invoice_id="in_1",
        next_price_id="",
        next_key="",
        pending_until=None,
        card=CARD,
        metadata={"reference": reference_for(user, f"{slug}:{interval}")},
    )
    return replace(state, **facts)


def invoice(user: User, line: LineFacts, **facts: Any) -> InvoiceFacts:
    """Return a paid invoice of one line."""
    cents = line.amount_cents
    paid = InvoiceFacts(
        id="in_1",
        customer_id=customer_of(user),
        subscription_id="",
        status="paid",
        reason="manual",
        number="1",
        currency="usd",
        subtotal_cents=cents,
        discount_cents=0,
        tax_cents=0,
        total_cents=cents,
        due_cents=cents,
        paid_cents=cents,
        created_at=NOW,
        paid_at=NOW,
        next_attempt_at=None,
        attempts=1,
        url="",
        pdf_url="",
        payment_intent_id="pi_1",
        lines=(line,),
        metadata={},
    )
    return replace(paid, **facts)


def pack_invoice(user: User, slug: str = "site-1000", **facts: Any) -> InvoiceFacts:
    pack = Pack.objects.get(pk=slug)
    line = LineFacts(pack_price(slug), pack.key, 1, pack.price_cents, pack.name)
    return invoice(user, line, **{"metadata": {"reference": reference_for(user, pack.key)}, **facts})


def plan_invoice(user: User, slug: str = "starter", interval: str = "month", **facts: Any) -> InvoiceFacts:
    plan = Plan.objects.get(pk=slug)
    line = LineFacts(price(slug, interval), "", 1, plan.cents(interval), plan.name, starts_at=NOW, ends_at=NOW + MONTH)
    return invoice(user, line, **{"subscription_id": "sub_1", "reason": "subscription_create", **facts})


def upgrade_invoice(user: User, slug: str, cents: int, at: datetime, **facts: Any) -> InvoiceFacts:
    line = LineFacts(price(slug), "", 1, cents, "Remaining time", True, at, NOW + MONTH)
    asked = {"subscription_id": "sub_1", "reason": "subscription_update", "id": "in_2", "paid_at": at, **facts}
    return invoice(user, line, **asked)


def charge(cents: int, refunded: int = 0, **facts: Any) -> ChargeFacts:
    paid = ChargeFacts("ch_1", "pi_1", "cus", cents, refunded, "usd", True, False, "", CARD, "", NOW)
    return replace(paid, **facts)


def dispute(cents: int, status: str = "needs_response", **facts: Any) -> DisputeFacts:
    return replace(DisputeFacts("dp_1", "ch_1", "pi_1", cents, "usd", "fraudulent", status, None, NOW), **facts)
