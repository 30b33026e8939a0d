"""What a change or the end of a plan will mean, said before it is done: money, credits, pictures, dates."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from accounts.models import User
from billing import ledger, paid_months, pictures_kept, plans, purchases, subscriptions
from billing.errors import NotSubscribed, PaymentNeedsAction, PaymentOverdue
from billing.models import CreditLot, Plan, Subscription
from billing.purchases import Offer


@dataclass(frozen=True)
class PlanChange:
    """From one plan to another. `kept` marks the plan one has, which then simply goes on."""

    before: Plan
    before_interval: str
    plan: Plan
    interval: str
    cents: int
    is_kept: bool
    is_upgrade: bool
    due_cents: int
    currency: str
    takes_effect_at: datetime
    # When it is paid next; None where that is a period after the payment of today.
    renews_at: datetime | None
    # What comes with the payment of today.
    credits_at_once: int
    # When the next month's come after that.
    next_on: date

    @property
    def offer(self) -> Offer:
        """What its person agrees to by pressing."""
        return Offer(self.cents, self.plan.currency, self.plan.monthly_credits, self.due_cents)


@dataclass(frozen=True)
class PlanEnding:
    """What is left when a plan ends, and until when."""

    plan: Plan
    interval: str
    ends_at: datetime
    # What one is on then: the free plan, or one that the team gave.
    after: Plan
    # Until when all pictures made so far stay at least; None: they stay while that plan lasts.
    pictures_kept_until: datetime | None
    # The last payment failed: there is nothing paid to live out.
    is_at_once: bool
    # Credits that were bought and do not go with the month.
    bought_credits: int


def change_of(user: User, plan: Plan, interval: str) -> PlanChange:
    """Return what a change means at this moment; the shop is asked for the sum.

    Raises: NotSubscribed, PlanNotOffered, AlreadyOnPlan, PaymentNeedsAction where a change waits already,
    PaymentOverdue, ShopUnavailable.
    """
    now = _running(user)
    if now.pending_until and now.pending_until > timezone.now():
        raise PaymentNeedsAction  # one change after the other
    if now.status == Subscription.Status.PAST_DUE:
        raise PaymentOverdue
    asked = purchases.preview_change(user, plan, interval)
    is_kept = (now.plan_id, now.interval) == (plan.pk, interval)
    is_upgrade = asked.is_upgrade and not is_kept
    return PlanChange(
        before=now.plan,
        before_interval=now.interval,
        plan=plan,
        interval=interval,
        cents=plan.cents(interval),
        is_kept=is_kept,
        is_upgrade=is_upgrade,
        due_cents=0 if is_kept else asked.due_cents,
        currency=asked.currency,
        takes_effect_at=asked.takes_effect_at,
        renews_at=None if is_upgrade else now.period_ends_at,
        credits_at_once=paid_months.would_bring(now, plan, timezone.now()) if is_upgrade else 0,
        next_on=paid_months.next_on(ledger.wallet_of(user), interval, timezone.now()),
    )


def ending_of(user: User) -> PlanEnding:
    """Return what the end of a person's plan means. Raises: NotSubscribed."""
    found = _running(user)
    wallet = ledger.wallet_of(user)
    is_at_once = found.status == Subscription.Status.PAST_DUE
    ends_at, unpaid = timezone.now() if is_at_once else found.period_ends_at, plans.unpaid_plan(wallet)
    kept_until = pictures_kept.after(wallet, found.plan, unpaid, ends_at)
    lots = CreditLot.objects.filter(wallet=wallet, source=CreditLot.Source.PURCHASE, remaining__gt=0)
    bought = sum(lots.values_list("remaining", flat=True))
    return PlanEnding(found.plan, found.interval, ends_at, unpaid, kept_until, is_at_once, bought)


def _running(user: User) -> Subscription:
    found = subscriptions.running_of(user)
    if found is None:
        raise NotSubscribed
    return found
