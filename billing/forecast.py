"""What comes for a wallet, as dated facts: credits, expiries, the plan's turn. Reads alone; nothing is promised twice.

A cycle brings the free plan's credits, or those of a plan that was given, and with them the month that was paid. One
turn is known at most: the running subscription's next. What stands here is what happens if nobody does anything, and if
payments that are still to come are made.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import FilteredRelation, Q, QuerySet, Subquery
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext, ngettext

from accounts.compiled import Compiled
from accounts.models import User
from billing import brought, cycles, paid_months, plans, subscriptions
from billing.models import FREE, CreditLot, Interval, Payment, Plan, Product, Subscription, Wallet

MONTHS = 12
# "unfinished" and "running" are relations that `wallet_of` adds, no fields, which the type checker would look for in a
# literal.
_JOINED: tuple[str, ...] = (
    *("plan", "given_plan", "unfinished__plan", "unfinished__subscription"),
    *("running__plan", "running__next_plan"),
)
# What brings the credits of a cycle without a paid month to somebody who pays for others.
FREE_NAME = "Free"


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
    # The plan that brings them, and whether some of them wait for a payment that is still to come.
    plan: str = ""
    is_paid: bool = False


@dataclass(frozen=True)
class Known:
    """What an outlook is made of beside the wallet's own row, where one query brought both."""

    free_credits: int
    # The payments whose months have not all come.
    unfinished: tuple[Payment, ...]
    # As `subscriptions.running_of` would find it.
    running: Subscription | None


@dataclass(frozen=True)
class Outlook:
    """The plan in force, and the one it turns into if nothing is done (`turns_at` None: it stays).

    `ends`: nobody pays for what it turns into, the given plan or the free one. `known` spares queries.
    """

    plan: Plan | None
    subscription: Subscription | None = None
    turns_at: datetime | None = None
    later: Plan | None = None
    ends: bool = False
    known: Known | None = None

    @property
    def renewed(self) -> Plan | None:
        """The plan that is paid when the period ends; None where nothing is."""
        if self.subscription is None or self.ends:
            return None
        return self.later or self.plan

    @property
    def renewed_interval(self) -> str:
        """How that plan is paid."""
        assert self.subscription is not None
        return self.subscription.next_interval if self.later else self.subscription.interval


def wallet_of(user: User) -> tuple[Wallet, Known] | None:
    """Return a person's wallet of the site with what an outlook needs; None before there is one.

    One query, in SQL that was made once, for every page asks: a row for each payment whose months have not all come
    with each subscription that is not over, or one.
    """
    rows: list[Any] = _find.rows(user_id=user.pk)
    if not rows:
        return None
    wallet: Wallet = rows[0]
    wallet.user = user
    # Django leaves an attribute out where there is no such row.
    unfinished: dict[Any, Payment] = {row.unfinished.pk: row.unfinished for row in rows if hasattr(row, "unfinished")}
    running: list[Subscription] = [row.running for row in rows if hasattr(row, "running")]
    kept = min(running, key=lambda one: (one.started_at, one.subscription_id), default=None)
    return wallet, Known(rows[0].free_credits, tuple(unfinished.values()), kept)


def _with_what_is_paid(wallets: QuerySet[Wallet]) -> QuerySet[Wallet]:
    running = Q(user__subscriptions__is_duplicate=False, user__subscriptions__status__in=Subscription.RUNNING)
    unfinished = Q(payments__next_month_at__isnull=False, payments__months__gt=0)
    found = wallets.annotate(
        unfinished=FilteredRelation("payments", condition=unfinished),
        running=FilteredRelation("user__subscriptions", condition=running),
        free_credits=Subquery(Plan.objects.filter(slug=FREE).values("monthly_credits")[:1]),
    )
    return found.select_related(*_JOINED)


_find = Compiled(
    lambda user_id: _with_what_is_paid(Wallet.objects.filter(user_id=user_id, product=Product.SITE)), user_id=UUID
)


def outlook_of(wallet: Wallet, known: Known | None = None) -> Outlook:
    """Return how the wallet's plan goes on: cancelled, downgraded, given up after failed payments, or unchanged."""
    stays = Outlook(wallet.plan, known=known)
    if wallet.product != Product.SITE or wallet.plan_id in (None, FREE):
        return stays
    subscription = known.running if known else subscriptions.running_of(wallet.user)
    if subscription is None:
        return stays
    stays = replace(stays, subscription=subscription)
    if subscription.status == Subscription.Status.PAST_DUE:
        # More is not promised than is paid for; who pays in time gets the plan's credits all the same.
        return _ending(wallet, stays, subscriptions.grace_ends_at(subscription))
    if subscription.cancels_at_period_end:
        return _ending(wallet, stays, subscription.period_ends_at)
    if subscription.next_plan is not None:
        return replace(stays, turns_at=subscription.period_ends_at, later=subscription.next_plan)
    return stays


def _ending(wallet: Wallet, outlook: Outlook, at: datetime) -> Outlook:
    # Asked for where its name is needed, which is not on every page.
    unpaid: Any = SimpleLazyObject(lambda: plans.unpaid_plan(wallet))
    return replace(outlook, turns_at=at, later=unpaid, ends=True)


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
    found = [*_cycles(wallet, outlook, until), *_first_of_next_year(wallet, outlook, until)]
    return sorted(found, key=lambda fact: (fact.on, fact.uid))


def _cycles(wallet: Wallet, outlook: Outlook, until: date) -> Iterator[Fact]:
    assert outlook.plan is not None
    subscription, on, known = outlook.subscription, wallet.next_cycle_on, outlook.known
    free_credits = _free_credits(outlook)
    own = outlook.plan.monthly_credits if subscription is None else free_credits
    paid: dict[date, list[paid_months.Month]] = defaultdict(list)
    # Who never had a plan has paid for no month.
    unfinished = known.unfinished if known else None
    for month in paid_months.months_to_come(wallet, unfinished) if wallet.plan_since else ():
        paid[month.on].append(month)
    renewed_from = _renewed_from(wallet, outlook)
    while on <= until:
        credits, name = own, outlook.plan.name if subscription is None else FREE_NAME
        if wallet.given_plan is not None and _is_over(wallet, outlook, on):
            credits, name = wallet.given_plan.monthly_credits, wallet.given_plan.name
        for month in paid[on]:
            credits, name = credits + month.credits, month.plan.name
        is_paid = outlook.renewed is not None and renewed_from is not None and renewed_from <= on
        if outlook.renewed is not None and is_paid:
            credits += paid_months.credits_a_month(outlook.renewed, free_credits)
            name = outlook.renewed.name
        if credits:
            uid = f"grant-{wallet.pk.hex}-{on}"
            yield Fact(
                on,
                Kind.GRANT,
                gettext("%(credits)s credits come") % {"credits": f"{credits:,}"},
                _note(name, is_paid),
                uid,
                credits,
                name,
                is_paid,
            )
        on = cycles.next_cycle(wallet.cycle_day, on)


def _is_over(wallet: Wallet, outlook: Outlook, on: date) -> bool:
    """Return whether nobody pays for a plan any more when the cycle of a date begins."""
    at = outlook.turns_at if outlook.ends else None
    return at is not None and on > at.astimezone(wallet.user.zone).date()


def _free_credits(outlook: Outlook) -> int:
    return outlook.known.free_credits if outlook.known else brought.free_level()


def _note(plan: str, is_paid: bool) -> str:
    note = gettext("Your monthly credits on %(plan)s. The free ones left of the month before expire.") % {"plan": plan}
    return gettext("%(note)s Its payment is still to come.") % {"note": note} if is_paid else note


def _renewed_from(wallet: Wallet, outlook: Outlook) -> date | None:
    """Return the first day of the billing cycle on which a payment to come brings a month; None: none does."""
    subscription = outlook.subscription
    if subscription is None or outlook.renewed is None:
        return None
    begins, ends = subscription.period_starts_at, subscription.period_ends_at
    if outlook.renewed_interval == Interval.MONTH:
        return paid_months.renewed_on(wallet, subscription, begins, ends, ends)
    return ends.astimezone(wallet.user.zone).date() + timedelta(days=1)


def _first_of_next_year(wallet: Wallet, outlook: Outlook, until: date) -> Iterator[Fact]:
    """Yield what a payment for a year brings on its own day: the first of its months."""
    subscription, plan = outlook.subscription, outlook.renewed
    if subscription is None or plan is None or outlook.renewed_interval != Interval.YEAR:
        return
    credits = paid_months.credits_a_month(plan, _free_credits(outlook))
    on = subscription.period_ends_at.astimezone(wallet.user.zone).date()
    if credits and on <= until:
        note = gettext("The first of the twelve months of %(plan)s that are paid then.") % {"plan": plan.name}
        uid = f"paid-{subscription.pk.hex}-{on}"
        yield Fact(
            on,
            Kind.GRANT,
            gettext("%(credits)s credits come") % {"credits": f"{credits:,}"},
            note,
            uid,
            credits,
            plan.name,
            is_paid=True,
        )


def _expiries(wallet: Wallet, now: datetime) -> Iterator[Fact]:
    lots = CreditLot.objects.filter(wallet=wallet, remaining__gt=0, expires_at__gt=now).order_by("expires_at", "id")
    for lot in lots:
        assert lot.expires_at is not None
        on = lot.expires_at.astimezone(wallet.user.zone).date()
        what = ngettext("%(count)s credit expires", "%(count)s credits expire", lot.remaining)
        note = gettext("What is left of: %(source)s. What expires first is spent first.") % {
            "source": lot.get_source_display()
        }
        yield Fact(on, Kind.EXPIRY, what % {"count": f"{lot.remaining:,}"}, note, f"expiry-{lot.pk.hex}", lot.remaining)


def _turns(wallet: Wallet, outlook: Outlook) -> Iterator[Fact]:
    subscription = outlook.subscription
    if subscription is None or outlook.plan is None:
        return
    at = outlook.turns_at or subscription.period_ends_at
    on = at.astimezone(wallet.user.zone).date()
    uid = f"plan-{subscription.pk.hex}-{on}"
    if outlook.later is None:
        span = "year" if subscription.interval == Interval.YEAR else "month"
        yield Fact(
            on,
            Kind.PLAN,
            gettext("%(plan)s renews") % {"plan": outlook.plan.name},
            gettext("The next %(span)s is paid.") % {"span": span},
            uid,
        )
    elif outlook.ends:
        note = gettext("From then on you are on %(plan)s. Bought credits stay.") % {"plan": outlook.later.name}
        yield Fact(on, Kind.PLAN, f"{outlook.plan.name} ends", note, uid)
    else:
        note = gettext("Instead of %(plan)s, as you chose.") % {"plan": outlook.plan.name}
        yield Fact(on, Kind.PLAN, f"{outlook.later.name} begins", note, uid)
