"""What is for sale as its reader sees it: each plan and pack with its price and the one thing they can do with it."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.http import urlencode

from accounts.models import User
from billing import plan_card, plans, stripe_gateway
from billing.models import FREE, Interval, Pack, Plan, Product
from billing.plan_card import PlanCard, PlanState

_MONTHS = 12


class Deed(StrEnum):
    """What the button of an offer does for its reader."""

    SIGN_UP = "sign_up"
    BUY = "buy"
    CHANGE = "change"
    CURRENT = "current"
    PAY = "pay"  # the plan one has, whose payment failed
    KEEP = "keep"  # the plan one has, which is to end or to be another: take that back
    FOLLOWS = "follows"  # what the plan one has will be
    LEAVE = "leave"  # down to the free plan
    NEEDS_PLAN = "needs_plan"
    CLOSED = "closed"  # payments are not set up
    NONE = "none"


@dataclass(frozen=True)
class PlanOffer:
    """A plan by the month or year."""

    plan: Plan
    interval: str
    deed: Deed

    @property
    def cents(self) -> int:
        """What is paid each month or year."""
        return self.plan.cents(self.interval)

    @property
    def month_cents(self) -> int:
        """What a month comes to."""
        return round(self.cents / _MONTHS) if self.interval == Interval.YEAR else self.cents

    @property
    def saved_cents(self) -> int:
        """What a year costs less than twelve months."""
        return _MONTHS * self.plan.month_cents - self.plan.year_cents

    @property
    def thousand_cents(self) -> int:
        """What 1,000 credits come to."""
        return round(1000 * self.month_cents / self.plan.monthly_credits) if self.plan.monthly_credits else 0

    @property
    def query(self) -> str:
        """The choice, as an address carries it."""
        return urlencode({"plan": self.plan.pk, "interval": self.interval})


@dataclass(frozen=True)
class PackOffer:
    """A pack."""

    pack: Pack
    deed: Deed

    @property
    def thousand_cents(self) -> int:
        """What 1,000 credits come to."""
        return round(1000 * self.pack.price_cents / self.pack.credits)


@dataclass(frozen=True)
class PriceList:
    """The pricing page for one reader. `card` is None for who is not signed in."""

    interval: str
    plans: tuple[PlanOffer, ...]
    packs: tuple[PackOffer, ...]
    card: PlanCard | None
    is_open: bool
    # How many months of twelve a year's price leaves free, with every plan at least.
    months_free: int


def price_list(reader: User | None, interval: str = "") -> PriceList:
    """Return plans and packs for a reader; None: nobody is signed in. Without an interval, the one they pay by."""
    card = plan_card.of(reader) if reader else None
    by = interval if interval in Interval.values else (card.interval if card else "") or Interval.MONTH
    offered = plans.offered_plans()
    if card and card.plan not in offered:
        offered.append(card.plan)  # who has it sees it, though nobody can choose it any more
    paid = [plan for plan in offered if not plan.is_free]
    free_months = [int((_MONTHS * plan.month_cents - plan.year_cents) / plan.month_cents) for plan in paid]
    return PriceList(
        interval=by,
        plans=tuple(PlanOffer(plan, by, _plan_deed(plan, by, card)) for plan in offered),
        packs=pack_offers(reader, Product.SITE),
        card=card,
        is_open=stripe_gateway.is_open(),
        months_free=max(0, min(free_months, default=0)),
    )


def pack_offers(reader: User | None, product: Product) -> tuple[PackOffer, ...]:
    """Return a product's packs for a reader."""
    has_plan = reader is not None and plans.plan_of(reader).pk != FREE
    return tuple(PackOffer(pack, _pack_deed(pack, reader, has_plan)) for pack in plans.offered_packs(product))


def _plan_deed(plan: Plan, interval: str, card: PlanCard | None) -> Deed:
    if card is None:
        return Deed.SIGN_UP if plan.is_free or stripe_gateway.is_open() else Deed.CLOSED
    if card.paid_plan is None:
        return _deed_without_subscription(plan, card)
    if plan.is_free:
        return Deed.FOLLOWS if card.state == PlanState.ENDING else Deed.LEAVE
    if (plan, interval) == (card.paid_plan, card.interval):
        if card.must_pay:
            return Deed.PAY
        return Deed.KEEP if card.can_resume else Deed.CURRENT
    if (plan, interval) == (card.next_plan, card.next_interval):
        return Deed.FOLLOWS
    return Deed.CHANGE if card.is_shop_open else Deed.CLOSED


def _deed_without_subscription(plan: Plan, card: PlanCard) -> Deed:
    if plan == card.plan:
        return Deed.CURRENT
    if plan.is_free:
        return Deed.NONE
    return Deed.BUY if card.can_choose else Deed.CLOSED


def _pack_deed(pack: Pack, reader: User | None, has_plan: bool) -> Deed:
    if not stripe_gateway.is_open():
        return Deed.CLOSED
    if reader is None:
        return Deed.NEEDS_PLAN if pack.needs_plan else Deed.SIGN_UP
    return Deed.BUY if has_plan or not pack.needs_plan else Deed.NEEDS_PLAN
