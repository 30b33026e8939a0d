"""Somebody who pays for a plan in tests: buys, renews, changes, as the shop tells it; and what came of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import time_machine

from accounts.models import User
from billing import grants, ledger, payments, subscriptions, tasks
from billing.audit import audit
from billing.models import CreditLot, Payment, Plan
from billing.payment_facts import InvoiceFacts, LineFacts, SubscriptionState
from tests.billing import told
from tests.billing.told import NOW
from tests.factories import make_user

DAY = timedelta(days=1)


def joined(when: datetime, zone: str = "UTC") -> User:
    user = make_user(date_joined=when, time_zone=zone)
    grants.start_monthly_credits(user)
    return user


def buy(
    user: User, slug: str = "starter", interval: str = "month", days: int = 31
) -> tuple[SubscriptionState, Payment]:
    """Let somebody buy a plan now, as the shop tells it."""
    now = datetime.now(UTC)
    state = told.subscription(
        user,
        slug,
        interval,
        id=sub_of(user),
        period_starts_at=now,
        period_ends_at=now + days * DAY,
        created_at=now,
    )
    subscriptions.apply(state)
    return state, pay(paid(user, slug, interval, now, days))


def sub_of(user: User) -> str:
    return f"sub_{user.pk.hex}"


def paid(user: User, slug: str, interval: str, begins: datetime, days: int, number: int = 1) -> InvoiceFacts:
    named: dict[str, Any] = {"id": f"in_{user.pk.hex}_{number}", "subscription_id": sub_of(user), "paid_at": begins}
    if number > 1:
        named["reason"] = "subscription_cycle"
    invoice = told.plan_invoice(user, slug, interval, **named)
    return replace(invoice, lines=(replace(invoice.lines[0], starts_at=begins, ends_at=begins + days * DAY),))


def pay(invoice: InvoiceFacts, refunded: int = 0) -> Payment:
    applied = payments.apply_invoice(invoice, told.charge(invoice.paid_cents, refunded))
    assert applied is not None
    return applied.payment


def came(user: User) -> int:
    """Return how many credits plans brought somebody, all told."""
    assert list(audit(ledger.wallet_of(user).pk)) == []
    lots = CreditLot.objects.filter(wallet__user=user, source=CreditLot.Source.PLAN)
    return sum(lots.values_list("credits", flat=True))


def sweep_until(clock: time_machine.Traveller, until: datetime) -> None:
    """Let the days pass, with a sweep now and then."""
    while (now := datetime.now(UTC)) < until:
        clock.move_to(min(now + 9 * DAY, until))
        tasks.sweep()


def renew(user: User, state: SubscriptionState, status: str = "active") -> SubscriptionState:
    """Let the second month of what was bought at NOW begin, from 10 April to 10 May; the cycle begins on the 5th."""
    again = replace(state, period_starts_at=NOW + 31 * DAY, period_ends_at=NOW + 61 * DAY, status=status)
    subscriptions.apply(again)
    return again


def pay_renewal(user: User, refunded: int = 0, **facts: Any) -> Payment:
    return pay(replace(paid(user, "starter", "month", NOW + 31 * DAY, 30, number=2), **facts), refunded)


def days_of(user: User) -> list[date]:
    """Return the days on which plans brought somebody credits, where they live."""
    lots = CreditLot.objects.filter(wallet__user=user, source=CreditLot.Source.PLAN).order_by("created_at", "id")
    return [lot.created_at.astimezone(user.zone).date() for lot in lots]


def change(
    user: User, state: SubscriptionState, slug: str, interval: str, days: int, number: int = 2, unpaid: str = ""
) -> Payment:
    """Let somebody change their plan now. unpaid: the plan whose running time is taken off, though nobody paid it."""
    now = datetime.now(UTC)
    changed = replace(
        state, price_id=told.price(slug, interval), key=f"{slug}:{interval}", interval=interval,
        period_starts_at=now, period_ends_at=now + days * DAY,
    )  # fmt: skip
    subscriptions.apply(changed)
    invoice = replace(paid(user, slug, interval, now, days, number=number), reason="subscription_update")
    if unpaid:
        cents = -Plan.objects.get(pk=unpaid).cents(interval)
        rest = LineFacts(told.price(unpaid, interval), "", 1, cents, "Unused time", True, now, state.period_ends_at)
        invoice = replace(invoice, lines=(rest, *invoice.lines))
    return pay(invoice)


def told_plan(slug: str) -> Plan:
    return Plan.objects.get(pk=slug)
