"""Which credits a payment brought: what a refund of it takes back, and nothing else.

Every credit that somebody paid for came by a line of the ledger that names its payment: a pack's by one, a plan's by
one for each of its months (`paid_months`).
"""

from dataclasses import dataclass

from billing.models import FREE, CreditLot, LedgerEntry, Payment, Plan


@dataclass(frozen=True)
class Share:
    """What of a lot a payment brought."""

    lot: CreditLot
    credits: int


def grant_key(payment_id: str) -> str:
    """Return the ledger's key of the grant for a pack's payment."""
    return f"purchase:{payment_id}"


def month_key(payment: Payment, number: int) -> str:
    """Return the ledger's key of the grant for a month of a plan's payment, counted from 1."""
    return f"paid:{payment.pk.hex}:{number}"


def last_month(payment: Payment) -> int:
    """Return the number of the last month that a plan's payment brought; 0 for none."""
    numbers = {month_key(payment, number): number for number in range(1, payment.months + 1)}
    came = LedgerEntry.objects.filter(key__in=numbers).values_list("key", flat=True)
    return max((numbers[key] for key in came), default=0)


def brought_by(payment: Payment) -> list[Share]:
    """Return what a payment brought so far, lot by lot, in the order in which they came."""
    keys = [month_key(payment, number) for number in range(1, payment.months + 1)]
    entries = LedgerEntry.objects.filter(key__in=[grant_key(payment.payment_id), *keys]).select_related("lot")
    return [Share(entry.lot, entry.credits) for entry in entries.order_by("id") if entry.lot]


def bought_part(lot: CreditLot, free_credits: int) -> int:
    """Return what of a lot's credits somebody paid for; the free level never is."""
    match lot.source:
        case CreditLot.Source.PURCHASE | CreditLot.Source.PLAN | CreditLot.Source.UPGRADE:
            return lot.credits
        case CreditLot.Source.MONTHLY:
            return max(0, lot.credits - free_credits)
    return 0


def free_level() -> int:
    """Return the credits a month that nobody pays for."""
    return Plan.objects.get(slug=FREE).monthly_credits
