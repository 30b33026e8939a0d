"""Proof that the books are right: every fact that must hold for a wallet, held against its rows.

Wallets are taken in chunks, each from one snapshot of the database, so that the audit can run beside the site; the
sums are made by the database. What its constraints refuse is looked at again: a restored dump or a hand could have
brought it in. What is proved of plans and payments stands in `audit_payments.py`,
of invites in `audit_referrals.py`.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.utils import timezone

from billing import audit_payments, audit_referrals
from billing.ledger import GRACE
from billing.models import CreditHold, CreditLot, LedgerEntry, Wallet
from billing.snapshot import snapshot

Kind = LedgerEntry.Kind
_Found = Iterator[tuple[UUID, str]]

CHUNK = 1000


@dataclass(frozen=True)
class Finding:
    """A wallet, and what is wrong with it."""

    wallet_id: UUID
    fact: str


def audit(wallet_id: UUID | None = None, *, chunk: int = CHUNK) -> Iterator[Finding]:
    """Yield what is wrong in one wallet, or in all."""
    if wallet_id is not None:
        yield from _audit_wallets(Q(pk=wallet_id), Q(wallet_id=wallet_id))
        return
    last: UUID | None = None
    while True:
        found, last, _ = audit_chunk(last, chunk)
        yield from found
        if last is None:
            return


def audit_chunk(after: UUID | None, chunk: int = CHUNK) -> tuple[list[Finding], UUID | None, int]:
    """Return what is wrong in the wallets that follow one, the last of them, and how many they were.

    The last is None where none follow.
    """
    above, rows_above = (Q(pk__gt=after), Q(wallet_id__gt=after)) if after else (Q(), Q())
    ids = list(Wallet.objects.filter(above).order_by("pk").values_list("pk", flat=True)[:chunk])
    if not ids:
        return [], None, 0
    last = ids[-1]
    return _audit_wallets(above & Q(pk__lte=last), rows_above & Q(wallet_id__lte=last)), last, len(ids)


def _audit_wallets(wallets: Q, rows: Q) -> list[Finding]:
    """wallets: which; rows: the same wallets, as the condition on their lots, holds and entries."""
    with snapshot():
        found = [
            *_balances(Wallet.objects.filter(wallets), rows),
            *_cycles(Wallet.objects.filter(wallets), rows),
            *_chain(LedgerEntry.objects.filter(rows)),
            *_kinds(LedgerEntry.objects.filter(rows)),
            *_holds(rows),
            *_lots(rows),
            *_expiries(CreditLot.objects.filter(rows)),
            *audit_payments.findings(Wallet.objects.filter(wallets), rows, timezone.now()),
            *audit_referrals.findings(rows),
        ]
    return [Finding(wallet_id, fact) for wallet_id, fact in found]


# --- The facts ----------------------------------------------------------------------------------------------------


def _balances(wallets: QuerySet[Wallet], rows: Q) -> _Found:
    """A balance is never negative and is what the lots have left, and what the entries make."""
    remaining = _sums(CreditLot.objects.filter(rows), "wallet_id", "remaining")
    deltas = _sums(LedgerEntry.objects.filter(rows), "wallet_id", "delta")
    for pk, balance in wallets.values_list("pk", "balance"):
        if balance < 0:
            yield pk, f"the balance is {balance}"
        if balance != remaining.get(pk, 0):
            yield pk, f"the balance is {balance}, but the lots have {remaining.get(pk, 0)} left"
        if balance != deltas.get(pk, 0):
            yield pk, f"the balance is {balance}, but the entries make {deltas.get(pk, 0)}"


def _cycles(wallets: QuerySet[Wallet], rows: Q) -> _Found:
    """A cycle is granted once, and none before its time."""
    monthly = CreditLot.objects.filter(rows, source=CreditLot.Source.MONTHLY)
    twice = monthly.order_by().values("wallet_id", "cycle_on").annotate(lots=Count("pk")).filter(lots__gt=1)
    for row in twice:
        yield row["wallet_id"], f"the cycle of {row['cycle_on']} was granted {row['lots']} times"
    early = monthly.filter(wallet__next_grant_at__isnull=False, cycle_on__gte=F("wallet__next_cycle_on"))
    for pk, cycle_on in early.filter(wallet__in=wallets).values_list("wallet_id", "cycle_on"):
        yield pk, f"the cycle of {cycle_on} was granted and is still to come"


def _chain(entries: QuerySet[LedgerEntry]) -> _Found:
    """Each entry's balance is what the entries up to it make."""
    made = Window(Sum("delta"), partition_by=F("wallet_id"), order_by="id")
    broken = entries.annotate(made=made).exclude(balance_after=F("made")).order_by("id")
    for wallet_id, pk, after, running in broken.values_list("wallet_id", "pk", "balance_after", "made"):
        yield wallet_id, f"entry {pk} says a balance of {after}, but the entries make {running}"


def _kinds(entries: QuerySet[LedgerEntry]) -> _Found:
    """An entry belongs to the lot or hold of its own wallet, and moves the balance as its kind must."""
    takes = Q(kind__in=[Kind.HOLD, Kind.SETTLE, Kind.RELEASE]) | Q(kind=Kind.ADJUST, delta__lt=0)
    for entry in entries.filter(takes, hold__isnull=True):
        yield entry.wallet_id, f"entry {entry.pk} ({entry.kind}) belongs to no hold"
    for entry in entries.filter(~takes, lot__isnull=True):
        yield entry.wallet_id, f"entry {entry.pk} ({entry.kind}) belongs to no lot"
    foreign = (Q(hold__isnull=False) & ~Q(hold__wallet_id=F("wallet_id"))) | (
        Q(lot__isnull=False) & ~Q(lot__wallet_id=F("wallet_id"))
    )
    for entry in entries.filter(foreign):
        yield entry.wallet_id, f"entry {entry.pk} belongs to a lot or hold of another wallet"
    away, stays = 0 - F("credits"), 0 * F("credits")
    deltas = {Kind.HOLD: away, Kind.EXPIRE: away, Kind.SETTLE: stays}
    for kind in Kind:
        for entry in entries.filter(kind=kind).exclude(delta=deltas.get(kind, F("credits"))):
            yield entry.wallet_id, f"entry {entry.pk} ({kind}) of {entry.credits} moved the balance by {entry.delta}"


def _holds(rows: Q) -> _Found:
    """A hold is the sum of its parts, was opened once, and its settled and released credits stand on the ledger."""
    entries = LedgerEntry.objects.filter(rows, hold__isnull=False)
    opened = _sums(entries.filter(kind__in=[Kind.HOLD, Kind.ADJUST]), "hold_id", "delta")
    # What an adjustment takes is spent at once.
    adjusted = _sums(entries.filter(kind=Kind.ADJUST), "hold_id", "delta")
    settled = _sums(entries.filter(kind=Kind.SETTLE), "hold_id", "credits")
    released = _sums(entries.filter(kind=Kind.RELEASE), "hold_id", "credits")
    for hold in CreditHold.objects.filter(rows).iterator():
        pairs = {
            "credits": (hold.credits, -opened.get(hold.pk, 0)),
            "credits in parts": (hold.credits, sum(part for _, part in hold.parts)),
            "settled credits": (hold.settled, settled.get(hold.pk, 0) - adjusted.get(hold.pk, 0)),
            "released credits": (hold.released, released.get(hold.pk, 0)),
        }
        for name, (says, found) in pairs.items():
            if says != found:
                yield hold.wallet_id, f"hold {hold.pk} should have {says} {name}, but {found} are found"
        if min(hold.open_credits, hold.settled, hold.released) < 0:
            yield hold.wallet_id, f"hold {hold.pk} of {hold.credits}: {hold.settled} settled, {hold.released} released"


def _lots(rows: Q) -> _Found:
    """A lot came by one entry, and has left what no hold took and nothing expired."""
    entries = LedgerEntry.objects.filter(rows, lot__isnull=False)
    came = _sums(entries.filter(kind__in=[Kind.GRANT, Kind.ADJUST]), "lot_id", "credits")
    expired = _sums(entries.filter(kind=Kind.EXPIRE), "lot_id", "credits")
    taken: dict[UUID, int] = defaultdict(int)
    homes: dict[UUID, UUID] = {}
    for hold in CreditHold.objects.filter(rows).only("wallet_id", "parts", "released").iterator():
        for lot_id, credits in _kept(hold):
            taken[lot_id] += credits
            homes[lot_id] = hold.wallet_id
    for lot in CreditLot.objects.filter(rows).iterator():
        left = lot.credits - taken.pop(lot.pk, 0) - expired.get(lot.pk, 0)
        if lot.credits != came.get(lot.pk, 0):
            yield lot.wallet_id, f"lot {lot.pk} is of {lot.credits}, but {came.get(lot.pk, 0)} came"
        if lot.expired != expired.get(lot.pk, 0):
            yield lot.wallet_id, f"lot {lot.pk} says {lot.expired} expired, the entries {expired.get(lot.pk, 0)}"
        if lot.remaining != left or left < 0:
            yield lot.wallet_id, f"lot {lot.pk} has {lot.remaining} left, but it should be {left}"
        if homes.get(lot.pk, lot.wallet_id) != lot.wallet_id:
            yield homes[lot.pk], f"a hold was taken from lot {lot.pk} of another wallet"
    for lot_id in taken:
        yield homes[lot_id], f"a hold was taken from lot {lot_id}, which is not among the wallet's"


def _expiries(lots: QuerySet[CreditLot]) -> _Found:
    """What has expired is gone after a day at most: the sweep runs each minute, and a grace lasts no longer."""
    overdue = lots.filter(remaining__gt=0, expires_at__lt=timezone.now() - GRACE)
    for lot in overdue:
        yield lot.wallet_id, f"lot {lot.pk} expired at {lot.expires_at} and still has {lot.remaining}"


def _kept(hold: CreditHold) -> Iterator[tuple[UUID, int]]:
    """Yield how many credits a hold keeps from which lot: the last ones it took went back first."""
    released = hold.released
    for lot_id, part in reversed(hold.parts):
        back = min(part, released)
        released -= back
        yield UUID(lot_id), part - back


def _sums(rows: QuerySet[Any], by: str, what: str) -> dict[UUID, int]:
    return dict(rows.order_by().values_list(by).annotate(total=Sum(what)))
