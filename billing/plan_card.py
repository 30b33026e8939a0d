"""The plan somebody is on, as one card says it: what it is, until when, what happens then, what can be done."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from accounts.models import User
from billing import ledger, pictures_kept, plans, stripe_gateway, subscriptions
from billing.models import FREE, Customer, Plan, Subscription, Wallet


class PlanState(StrEnum):
    """What is to be said of a plan first."""

    FREE = "free"
    GIVEN = "given"  # by the team, without a payment
    ACTIVE = "active"
    CHANGING = "changing"  # another plan follows when the period ends
    ENDING = "ending"
    WAITING = "waiting"  # a change waits for the bank's customer
    PAST_DUE = "past_due"
    LAPSED = "lapsed"  # past due, and the grace is over


@dataclass(frozen=True)
class PlanCard:
    """The card. `plan` is the plan in force; moments are None where they say nothing."""

    state: PlanState
    plan: Plan
    # The plan that is paid for: another than the one in force once it has lapsed.
    paid_plan: Plan | None = None
    interval: str = ""
    # What a period costs; None where the price is no longer the one that is offered.
    price_cents: int | None = None
    renews_at: datetime | None = None
    ends_at: datetime | None = None
    next_plan: Plan | None = None
    next_interval: str = ""
    past_due_since: datetime | None = None
    grace_ends_at: datetime | None = None
    waits_until: datetime | None = None
    # What one is on when nothing is paid any more, where the plan ends.
    after: Plan | None = None
    # Until when all pictures made so far stay at least, where the plan ends or a better one has ended.
    pictures_kept_until: datetime | None = None
    card: str = ""
    is_shop_open: bool = True
    has_portal: bool = False

    @property
    def next_cents(self) -> int:
        """What a period of the next plan costs."""
        return self.next_plan.cents(self.next_interval) if self.next_plan else 0

    @property
    def can_choose(self) -> bool:
        """Whether a plan can be bought; who pays for one changes it instead."""
        return self.is_shop_open and self.state in (PlanState.FREE, PlanState.GIVEN)

    @property
    def can_change(self) -> bool:
        """Whether the plan can be changed: a payment that failed comes first."""
        return self.paid_plan is not None and not self.must_pay and self.state != PlanState.WAITING

    @property
    def must_pay(self) -> bool:
        """Whether a payment failed and can be made good."""
        return self.state in (PlanState.PAST_DUE, PlanState.LAPSED)

    @property
    def can_cancel(self) -> bool:
        """Whether the plan can be ended; a change that waits for the bank is confirmed or let go first."""
        return self.paid_plan is not None and self.state not in (PlanState.ENDING, PlanState.WAITING)

    @property
    def can_resume(self) -> bool:
        """Whether an end or a change that waits can be taken back."""
        return self.state in (PlanState.ENDING, PlanState.CHANGING)


def of(user: User) -> PlanCard:
    """Return the card of a person's plan; the shop is not asked."""
    wallet = ledger.wallet_of(user)
    plan, now = wallet.plan, timezone.now()
    assert plan is not None  # only the API's wallets have none
    is_open = stripe_gateway.is_open()
    has_portal = is_open and Customer.objects.filter(user=user).exists()
    found = subscriptions.running_of(user)
    if found is None or (found.cancels_at_period_end and found.plan != plan):  # paid back: over before its time
        state = PlanState.FREE if plan.is_free else PlanState.GIVEN
        kept = pictures_kept.now(wallet, now)
        return PlanCard(state, plan, pictures_kept_until=kept, is_shop_open=is_open, has_portal=has_portal)
    state = _state_of(found, plan)
    after = plans.unpaid_plan(wallet) if found.cancels_at_period_end else None
    is_current_price = found.price_id == found.plan.price_id(found.interval)
    return PlanCard(
        state,
        plan,
        paid_plan=found.plan,
        interval=found.interval,
        price_cents=found.plan.cents(found.interval) if is_current_price else None,
        renews_at=None if found.cancels_at_period_end else found.period_ends_at,
        ends_at=found.period_ends_at if found.cancels_at_period_end else None,
        next_plan=found.next_plan,
        next_interval=found.next_interval,
        past_due_since=found.past_due_since,
        grace_ends_at=subscriptions.grace_ends_at(found) if found.past_due_since else None,
        waits_until=found.pending_until,
        after=after,
        pictures_kept_until=pictures_kept.after(wallet, plan, after, found.period_ends_at)
        if after
        else pictures_kept.now(wallet, now),
        card=found.card,
        is_shop_open=is_open,
        has_portal=has_portal,
    )


@dataclass(frozen=True)
class Overdue:
    """A plan whose payment fails, and until when it stays in force all the same."""

    plan: Plan
    grace_ends_at: datetime

    @property
    def is_lapsed(self) -> bool:
        """Whether the grace is over."""
        return timezone.now() >= self.grace_ends_at


def overdue_of(wallet: Wallet, running: Subscription | None) -> Overdue | None:
    """Return the plan whose payment fails, for the bar above every page.

    `running` is the subscription of the plan in force. Of a plan that has lapsed it is asked for here; who never had
    a plan costs no query.
    """
    if running is None and wallet.plan_id == FREE and wallet.plan_since is not None:
        running = subscriptions.running_of(wallet.user)
    if running is None or running.status != Subscription.Status.PAST_DUE:
        return None
    return Overdue(running.plan, subscriptions.grace_ends_at(running))


def _state_of(subscription: Subscription, plan_in_force: Plan) -> PlanState:
    if subscription.status == Subscription.Status.PAST_DUE:
        return PlanState.PAST_DUE if plan_in_force == subscription.plan else PlanState.LAPSED
    if subscription.pending_until:
        return PlanState.WAITING
    if subscription.cancels_at_period_end:
        return PlanState.ENDING
    return PlanState.CHANGING if subscription.next_plan else PlanState.ACTIVE
