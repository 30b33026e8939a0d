"""People with a plan, written as the shop would have told it, for tests that ask no shop."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing import cycle_sweep, ledger, plans
from billing.models import Customer, Plan, Subscription


def plan(slug: str) -> Plan:
    return Plan.objects.get(pk=slug)


def make_subscription(user: User, slug: str = "pro", interval: str = "month", **facts: Any) -> Subscription:
    """Put somebody on a plan that is paid for, ten days into its period."""
    chosen, now = plan(slug), timezone.now()
    if not chosen.price_id(interval):
        Plan.objects.filter(pk=slug).update(**{f"{interval}_price_id": f"price_{slug}_{interval}"})
        chosen.refresh_from_db()
    Customer.objects.get_or_create(user=user, defaults={"customer_id": f"cus_{uuid4().hex}"})
    begun = now - timedelta(days=10)
    defaults: dict[str, Any] = {
        "subscription_id": f"sub_{uuid4().hex}",
        "price_id": chosen.price_id(interval),
        "status": Subscription.Status.ACTIVE,
        "period_starts_at": begun,
        "period_ends_at": begun + timedelta(days=365 if interval == "year" else 30),
        "started_at": begun,
    }
    subscription = Subscription.objects.create(user=user, plan=chosen, interval=interval, **{**defaults, **facts})
    wallet = ledger.wallet_of(user)
    with transaction.atomic():
        plans.turn_to(wallet, chosen, now)
    cycle_sweep.run_for(wallet)
    return subscription
