"""The part of the audit about plans and payments: every fact that ties them to the wallets and the ledger.

A plan that the team gave, without any subscription, is as it is; where there are subscriptions, they decide.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Lead

from billing import plans, subscriptions
from billing.models import FREE, CreditLot, LedgerEntry, Payment, PlanSpell, Product, Subscription, TopUp, Wallet

_Found = Iterator[tuple[UUID, str]]
Kind = LedgerEntry.Kind

# A grace that is over is ended by the next sweep, a month that is due is handed out by it.
_LATE = timedelta(hours=1)
# Payments that bring their credits at once.
_AT_ONCE = (Payment.Kind.PACK, Payment.Kind.TOP_UP)


def findings(wallets: QuerySet[Wallet], rows: Q, now: datetime) -> _Found:
    """Yield what is wrong with the plans and payments of these wallets. rows: the condition on what is theirs."""
    yield from _spells_in_force(wallets, rows)
    yield from _overlaps(PlanSpell.objects.filter(rows))
    yield from _subscribed(wallets, now)
    yield from _taken_back(rows)
    yield from _brought(rows)
    yield from _late_months(rows, now)
    yield from _top_ups(rows)
    yield from _upgrades(CreditLot.objects.filter(rows))


def _spells_in_force(wallets: QuerySet[Wallet], rows: Q) -> _Found:
    """A wallet is on the plan of its open spell; without one on the free plan; the API's on none."""
    open_spells = dict(PlanSpell.objects.filter(rows, ends_at__isnull=True).values_list("wallet_id", "plan_id"))
    for pk, product, plan in wallets.values_list("pk", "product", "plan_id"):
        should = open_spells.get(pk, FREE if product == Product.SITE else None)
        if plan != should:
            yield pk, f"the wallet is on the plan {plan}, but it should be on {should}"


def _overlaps(spells: QuerySet[PlanSpell]) -> _Found:
    """A spell ends before the next begins."""
    after = Window(Lead("starts_at"), partition_by=F("wallet_id"), order_by=["starts_at", "id"])
    broken = spells.annotate(after=after).filter(Q(ends_at__gt=F("after")) | Q(ends_at=None, after__isnull=False))
    for spell in broken.order_by("id"):
        yield spell.wallet_id, f"the spell of {spell.plan_id} from {spell.starts_at} reaches into the next"


def _subscribed(wallets: QuerySet[Wallet], now: datetime) -> _Found:
    """Whoever subscribed is on the plan that they pay for, or on the given or the free one."""
    any_of = Subscription.objects.filter(user=OuterRef("user"))
    for wallet in wallets.filter(Exists(any_of), product=Product.SITE).select_related("user"):
        due = [subscriptions.plan_due(wallet, moment).pk for moment in (now, now - _LATE)]
        if wallet.plan_id not in due:
            yield wallet.pk, f"the wallet is on the plan {wallet.plan_id}, but its subscriptions make {due[0]}"


def _taken_back(rows: Q) -> _Found:
    """What a payment says was taken back is what the ledger took for it; with what is owed, the share that was lost."""
    taken: dict[str, int] = defaultdict(int)
    homes: dict[str, UUID] = {}
    for wallet_id, reference, delta in _lines(rows, Kind.ADJUST):
        taken[reference] -= delta
        homes[reference] = wallet_id
    for payment in Payment.objects.filter(rows).iterator():
        found = taken.pop(payment.reference, 0)
        if payment.taken_back != found:
            fact = f"says {payment.taken_back} credits were taken back, the ledger {found}"
            yield payment.wallet_id, f"payment {payment.pk} {fact}"
        most = payment.credits * payment.lost_cents // payment.amount_cents if payment.amount_cents else 0
        if payment.taken_back + payment.owed > most:
            fact = f"{payment.taken_back} credits taken back and {payment.owed} owed, {most} at most were lost"
            yield payment.wallet_id, f"payment {payment.pk}: {fact}"
    for reference in taken:
        yield homes[reference], f"credits were moved for {reference}, which is not among the wallet's"


def _brought(rows: Q) -> _Found:
    """What a payment says it brought is what the grants that name it make; nothing a plan brings came without one.

    A pack whose payment did not match brought nothing. That a plan's payment brings no more than its months is a
    constraint of the database.
    """
    brought: dict[str, int] = defaultdict(int)
    homes: dict[str, UUID] = {}
    for wallet_id, reference, credits in _lines(rows, Kind.GRANT):
        brought[reference] += credits
        homes[reference] = wallet_id
    for payment in Payment.objects.filter(rows).iterator():
        found = brought.pop(payment.reference, 0)
        if found != payment.credits and (payment.months or payment.kind in _AT_ONCE):
            said = f"stands for {payment.credits} credits, the grants for it for {found}"
            yield payment.wallet_id, f"payment {payment.pk} {said}"
    for reference in brought:
        yield homes[reference], f"credits came for {reference}, which is not among the wallet's"
    unpaid = LedgerEntry.objects.filter(rows, kind=Kind.GRANT, lot__source=CreditLot.Source.PLAN)
    for entry in unpaid.exclude(reference__startswith="payment:"):
        yield entry.wallet_id, f"entry {entry.pk} brought a plan's credits without a payment"


def _late_months(rows: Q, now: datetime) -> _Found:
    """A month that is paid comes on its day: the sweep runs each minute."""
    for payment in Payment.objects.filter(rows, next_month_at__lt=now - _LATE):
        yield payment.wallet_id, f"payment {payment.pk}: a month is due since {payment.next_month_at} and did not come"


def _top_ups(rows: Q) -> _Found:
    """A top-up that is paid has the payment of its own wallet, of its sum, that brought its credits."""
    fits = Q(payment__wallet=F("wallet"), payment__amount_cents=F("amount_cents"), payment__credits=F("credits"))
    for top_up in TopUp.objects.filter(rows, status=TopUp.Status.PAID).exclude(fits):
        yield top_up.wallet_id, f"top-up {top_up.pk} of {top_up.credits} credits has a payment that does not fit"


def _upgrades(lots: QuerySet[CreditLot]) -> _Found:
    """A plan's upgrade adds to a cycle that began: its monthly lot is there, if the free plan brings one."""
    if not plans.free().monthly_credits:
        return
    monthly = CreditLot.objects.filter(
        wallet=OuterRef("wallet"), cycle_on=OuterRef("cycle_on"), source=CreditLot.Source.MONTHLY
    )
    for lot in lots.filter(~Exists(monthly), source=CreditLot.Source.UPGRADE):
        yield lot.wallet_id, f"lot {lot.pk} adds to the cycle of {lot.cycle_on}, which brought nothing"


def _lines(rows: Q, kind: Kind) -> QuerySet[LedgerEntry, tuple[Any, ...]]:
    entries = LedgerEntry.objects.filter(rows, kind=kind, reference__startswith="payment:").order_by("id")
    return entries.values_list("wallet_id", "reference", "delta")
