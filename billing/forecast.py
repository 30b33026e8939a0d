"""What comes for a wallet, as dated facts: credits, expiries, the plan's turn. Reads alone; nothing is promised twice.

A cycle brings the free plan's credits, or those of a plan that was given. What somebody pays for comes with each
payment by the month, and of a payment by the year with each cycle. One turn is known at most: the running
subscription's next. What stands here is what happens if nobody does anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from billing import brought, cycles, paid_months, plans, subscriptions
from billing.models import FREE, CreditLot, Interval, Plan, Product, Subscription, Wallet

MONTHS = 12
# A month of 28 days keeps a renewal of the 31st by as many days earlier.
_SHORTER = 3


class Kind(StrEnum):
    """What a fact is about."""

    GRANT = "grant"
    EXPIRY = "expiry"
    PLAN = "plan"


@dataclass(frozen=True)
class Fact:
    """Something that happens on a date, where the person lives. `uid` names it for good."""

    on: date
    kind: Kind
    title: str
    note: str
    uid: str
    credits: int = 0
    # The plan that brings them, and whether by a payment that is still to come.
    plan: str = ""
    is_paid: bool = False


@dataclass(frozen=True)
class Outlook:
    """The plan in force, and the one it turns into if nothing is done (`turns_at` None: it stays)."""

    plan: Plan | None
    subscription: Subscription | None = None
    turns_at: datetime | None = None
    later: Plan | None = None

    @property
    def renewed(self) -> Plan | None:
        """The plan that is paid when the period ends; None where nothing is."""
        if self.subscription is None or (self.later is not None and self.later.is_free):
            return None
        return self.later or self.plan

    @property
    def renewed_interval(self) -> str:
        """How that plan is paid."""
        assert self.subscription is not None
        return self.subscription.next_interval if self.later else self.subscription.interval


def outlook_of(wallet: Wallet) -> Outlook:
    """Return how the wallet's plan goes on: cancelled, downgraded, given up after failed payments, or unchanged."""
    if wallet.product != Product.SITE or wallet.plan_id in (None, FREE):
        return Outlook(wallet.plan)
    subscription = subscriptions.running_of(wallet.user)
    if subscription is None:
        return Outlook(wallet.plan)
    if subscription.status == Subscription.Status.PAST_DUE:
        # More is not promised than is paid for; who pays in time gets the plan's credits all the same.
        return Outlook(wallet.plan, subscription, subscriptions.grace_ends_at(subscription), plans.free())
    if subscription.cancels_at_period_end:
        return Outlook(wallet.plan, subscription, subscription.period_ends_at, plans.free())
    if subscription.next_plan is not None:
        return Outlook(wallet.plan, subscription, subscription.period_ends_at, subscription.next_plan)
    return Outlook(wallet.plan, subscription)


def facts_of(wallet: Wallet, now: datetime, *, months: int = MONTHS) -> list[Fact]:
    """Return what happens in the months to come, in order."""
    today = now.astimezone(wallet.user.zone).date()
    until = cycles.cycle_date(
        today.year + (today.month - 1 + months) // 12, (today.month - 1 + months) % 12 + 1, today.day
    )
    outlook = outlook_of(wallet)
    found = [*grants_of(wallet, outlook, until), *_expiries(wallet, now), *_turns(wallet, outlook)]
    # What is due by now is the sweep's to bring within a minute.
    return sorted(
        (fact for fact in found if today <= fact.on <= until), key=lambda fact: (fact.on, fact.kind, fact.uid)
    )


# --- The facts ----------------------------------------------------------------------------------------------------


def grants_of(wallet: Wallet, outlook: Outlook, until: date) -> list[Fact]:
    """Return the credits that come until a date, in order."""
    if wallet.next_grant_at is None or outlook.plan is None:
        return []
    found = [*_cycles(wallet, outlook, until), *_renewals(wallet, outlook, until)]
    return sorted(found, key=lambda fact: (fact.on, fact.uid))


def _cycles(wallet: Wallet, outlook: Outlook, until: date) -> Iterator[Fact]:
    assert outlook.plan is not None
    subscription, on = outlook.subscription, wallet.next_cycle_on
    own = outlook.plan.monthly_credits if subscription is None else brought.free_level()
    is_by_year = subscription is not None and subscription.interval == Interval.YEAR
    paid, left = (paid_months.months_to_come(wallet) if is_by_year else None) or (None, 0)
    while on <= until:
        credits, name = own, outlook.plan.name if subscription is None else "Free"
        if paid is not None and paid.plan is not None and left > 0:
            credits, name, left = credits + paid.month_credits, paid.plan.name, left - 1
        elif outlook.renewed and outlook.renewed_interval == Interval.YEAR and _is_renewed_by(wallet, outlook, on):
            credits, name = credits + paid_months.credits_a_month(outlook.renewed), outlook.renewed.name
        if credits:
            note = f"Your monthly credits on {name}. What is left of the month before expires."
            uid = f"grant-{wallet.pk.hex}-{on}"
            yield Fact(on, Kind.GRANT, f"{credits:,} credits come", note, uid, credits, name)
        on = cycles.next_cycle(wallet.cycle_day, on)


def _renewals(wallet: Wallet, outlook: Outlook, until: date) -> Iterator[Fact]:
    """Yield what the payments to come bring, each on its day."""
    subscription, plan = outlook.subscription, outlook.renewed
    if subscription is None or plan is None or not paid_months.credits_a_month(plan):
        return
    on = subscription.period_ends_at.astimezone(wallet.user.zone).date()
    day = max(on.day, subscription.started_at.astimezone(wallet.user.zone).day)
    while on <= until:
        credits = paid_months.credits_a_month(plan)
        note = f"With the payment for {plan.name}, and beside your {brought.free_level():,} free credits."
        uid = f"paid-{subscription.pk.hex}-{on}"
        yield Fact(on, Kind.GRANT, f"{credits:,} credits come", note, uid, credits, plan.name, is_paid=True)
        if outlook.renewed_interval == Interval.YEAR:
            return
        on = cycles.next_cycle(day if day - on.day <= _SHORTER else on.day, on)


def _is_renewed_by(wallet: Wallet, outlook: Outlook, on: date) -> bool:
    assert outlook.subscription is not None
    return outlook.subscription.period_ends_at.astimezone(wallet.user.zone).date() < on


def _expiries(wallet: Wallet, now: datetime) -> Iterator[Fact]:
    lots = CreditLot.objects.filter(wallet=wallet, remaining__gt=0, expires_at__gt=now).order_by("expires_at", "id")
    for lot in lots:
        assert lot.expires_at is not None
        on = lot.expires_at.astimezone(wallet.user.zone).date()
        noun = "credit expires" if lot.remaining == 1 else "credits expire"
        note = f"What is left of: {lot.get_source_display()}. What expires first is spent first."
        yield Fact(on, Kind.EXPIRY, f"{lot.remaining:,} {noun}", note, f"expiry-{lot.pk.hex}", lot.remaining)


def _turns(wallet: Wallet, outlook: Outlook) -> Iterator[Fact]:
    subscription = outlook.subscription
    if subscription is None or outlook.plan is None:
        return
    at = outlook.turns_at or subscription.period_ends_at
    on = at.astimezone(wallet.user.zone).date()
    uid = f"plan-{subscription.pk.hex}-{on}"
    if outlook.later is None:
        span = "year" if subscription.interval == Interval.YEAR else "month"
        yield Fact(on, Kind.PLAN, f"{outlook.plan.name} renews", f"The next {span} is paid.", uid)
    elif outlook.later.is_free:
        note = f"From then on you are on {outlook.later.name}. Bought credits stay."
        yield Fact(on, Kind.PLAN, f"{outlook.plan.name} ends", note, uid)
    else:
        note = f"Instead of {outlook.plan.name}, as you chose."
        yield Fact(on, Kind.PLAN, f"{outlook.later.name} begins", note, uid)
