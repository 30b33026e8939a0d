"""What comes for a wallet, as dated facts: credits, expiries, the plan's turn. Reads alone; nothing is promised twice.

A plan that ends, or changes to a cheaper one, before a cycle begins brings that cycle what the later plan gives. One
turn is known at most: the running subscription's next. What stands here is what happens if nobody does anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from billing import cycles, plans, subscriptions
from billing.ledger_batch import LAST_DAYS
from billing.models import FREE, CreditLot, Interval, Plan, Product, Subscription, Wallet

MONTHS = 12


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


@dataclass(frozen=True)
class Outlook:
    """The plan in force, and the one it turns into if nothing is done (`turns_at` None: it stays)."""

    plan: Plan | None
    subscription: Subscription | None = None
    turns_at: datetime | None = None
    later: Plan | None = None

    def plan_at(self, when: datetime) -> Plan | None:
        """Return the plan whose credits a cycle that begins then brings."""
        if self.turns_at is None:
            return self.plan
        ends_soon = self.subscription is not None and self.subscription.cancels_at_period_end
        turns_at = self.turns_at - LAST_DAYS if ends_soon else self.turns_at
        return self.later if turns_at <= when else self.plan


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
    found = [*_grants(wallet, outlook, until), *_expiries(wallet, now), *_turns(wallet, outlook)]
    # What is due by now is the sweep's to bring within a minute.
    return sorted(
        (fact for fact in found if today <= fact.on <= until), key=lambda fact: (fact.on, fact.kind, fact.uid)
    )


# --- The facts ----------------------------------------------------------------------------------------------------


def _grants(wallet: Wallet, outlook: Outlook, until: date) -> Iterator[Fact]:
    on, at = wallet.next_cycle_on, wallet.next_grant_at
    if at is None:
        return
    while on <= until:
        plan = outlook.plan_at(at)
        if plan is not None and plan.monthly_credits:
            note = f"Your monthly credits on {plan.name}. What is left of the month before expires."
            title = f"{plan.monthly_credits:,} credits come"
            yield Fact(on, Kind.GRANT, title, note, f"grant-{wallet.pk.hex}-{on}", plan.monthly_credits)
        on = cycles.next_cycle(wallet.cycle_day, on)
        at = cycles.starts_at(on, wallet.user.zone)


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
