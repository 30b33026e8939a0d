"""Which credits a payment brought: what a refund of it takes back, and nothing else.

A pack's payment brought the lot that was granted for it. A plan's payment brings no lot of its own: the cycle's grants
do, to the level of the plan in force. So each cycle is a line from 0 to that level; the free plan pays for its first
stretch, a plan's payment from there to the plan's level, the payment for a better plan from the old level to the new.
What a payment brought is what of the lots that came in its time lies on its stretch.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from billing.models import FREE, CreditLot, LedgerEntry, Payment, Plan, PlanSpell, Wallet

Kind = Payment.Kind


@dataclass(frozen=True)
class Share:
    """What of a lot a payment brought."""

    lot: CreditLot
    credits: int


def grant_key(payment_id: str) -> str:
    """Return the ledger's key of the grant for a pack's payment."""
    return f"purchase:{payment_id}"


def brought_by(payment: Payment) -> list[Share]:
    """Return what a payment brought so far, lot by lot, in the order in which they came."""
    if payment.subscription_id is None:
        entry = LedgerEntry.objects.select_related("lot").filter(key=grant_key(payment.payment_id)).first()
        return [Share(entry.lot, entry.lot.credits)] if entry and entry.lot else []
    if payment.subscription is None or payment.subscription.is_duplicate:
        return []
    until = covered_until(payment)
    if payment.plan is None or payment.covers_from is None or until is None:
        return []
    low, high = _level_before(payment), payment.plan.monthly_credits
    lots = CreditLot.objects.filter(
        wallet_id=payment.wallet_id, cycle_on__isnull=False, created_at__gte=payment.covers_from, created_at__lt=until
    )
    shares = [Share(lot, _overlap(_stretch(lot), (low, high))) for lot in lots.order_by("created_at", "id")]
    return [share for share in shares if share.credits > 0]


def covered_until(payment: Payment) -> datetime | None:
    """Return when the time that a payment covers was over: an ended or newly begun period cuts it short."""
    if payment.subscription is None:
        return None
    later = payment.subscription.payments.filter(kind=Kind.PLAN, covers_from__gt=payment.covers_from)
    ends = [payment.covers_until, payment.subscription.ended_at, *later.values_list("covers_from", flat=True)]
    return min((end for end in ends if end is not None), default=None)


def paid_back(wallet: Wallet, cycle_on: date) -> int:
    """Return how many of a cycle's credits were refunded with subscriptions that are over: paid again, they come again.

    What was refunded of a running subscription does not come again: its plan is meant to bring less.
    """
    over = Payment.objects.filter(wallet=wallet, plan__isnull=False, subscription__ended_at__isnull=False)
    lost = over.filter(Q(refunded_cents__gt=0) | ~Q(dispute="")).select_related("plan", "subscription")
    credits = 0
    for payment in lost:
        if payment.lost_cents:
            shares = [share.credits for share in brought_by(payment) if share.lot.cycle_on == cycle_on]
            credits += sum(shares) * payment.lost_cents // payment.amount_cents
    return credits


def bought_part(lot: CreditLot, free_credits: int) -> int:
    """Return what of a lot's credits somebody paid for; the free level never is."""
    match lot.source:
        case CreditLot.Source.PURCHASE | CreditLot.Source.UPGRADE:
            return lot.credits
        case CreditLot.Source.MONTHLY:
            return max(0, lot.credits - free_credits)
    return 0


def free_level() -> int:
    """Return the credits a month that nobody pays for."""
    return Plan.objects.get(slug=FREE).monthly_credits


def _level_before(payment: Payment) -> int:
    """Return the level that was there without this payment."""
    if payment.kind == Kind.PLAN or payment.subscription is None:
        return free_level()
    before = payment.subscription.payments.filter(paid_at__lte=payment.paid_at)
    last = before.exclude(pk=payment.pk).filter(covers_from__lte=payment.covers_from).select_related("plan")
    found = last.order_by("-covers_from", "-paid_at").first()
    return found.plan.monthly_credits if found and found.plan else free_level()


def _stretch(lot: CreditLot) -> tuple[int, int]:
    """Return where on its cycle's line a lot lies: the monthly one at its beginning, what was added up to its level."""
    if lot.source == CreditLot.Source.MONTHLY:
        return 0, lot.credits
    spells = PlanSpell.objects.filter(wallet_id=lot.wallet_id, starts_at__lte=lot.created_at).select_related("plan")
    then = spells.filter(Q(ends_at__isnull=True) | Q(ends_at__gte=lot.created_at))
    # Two of them where a plan was left in the moment in which it came: it was the better one that brought a lot.
    level = max((spell.plan.monthly_credits for spell in then), default=lot.credits)
    return max(0, level - lot.credits), level


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))
