"""The verbs that move credits: grant, hold, settle, release, expire, adjust. Nothing else moves one.

Every verb takes the wallet's lock and an idempotency key. What it reads, it reads behind the lock, and the key first
of all: of two calls with the same key the second writes nothing and returns what the first returned. Then it
decides, and refuses where it must; and only then it writes, all at once. So no verb lives by a unique violation,
which would spoil the caller's transaction on PostgreSQL, and a refusal leaves that transaction usable.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from accounts.compiled import Compiled
from accounts.models import User
from billing import cycles, ledger_batch, ledger_rows
from billing.errors import HoldOverdrawn, InsufficientCredits, KeyReused
from billing.ledger_rows import Beside, Lot, Row, Statement
from billing.models import (
    FREE,
    KEY_MAX_LENGTH,
    REASON_MAX_LENGTH,
    CreditHold,
    CreditLot,
    LedgerEntry,
    Product,
    Wallet,
)

Kind = LedgerEntry.Kind

# Credits that come back into a lot that has expired meanwhile can be spent for this long.
GRACE = timedelta(hours=24)
SPENDING_ORDER = (F("expires_at").asc(nulls_last=True), "created_at", "id")


def wallet_of(user: User, product: Product = Product.SITE) -> Wallet:
    """Return the person's wallet for a product, with its plan; made on first use."""
    found = Wallet.objects.select_related("plan").filter(user=user, product=product).first()
    return found or _first_wallet(user, product)


def paying_wallet_of(user: User, product: Product) -> Wallet:
    """Return the same without its plan, in SQL that was made once: every run that is placed comes by here."""
    found = _find_wallet.rows(user_id=user.pk, product=product.value)
    return found[0] if found else _first_wallet(user, product)


_find_wallet = Compiled(
    lambda user_id, product: Wallet.objects.filter(user_id=user_id, product=product), user_id=UUID, product=str
)


def _first_wallet(user: User, product: Product) -> Wallet:
    day = cycles.cycle_day(user.date_joined, user.zone)
    next_on = cycles.next_cycle(day, timezone.now().astimezone(user.zone).date())
    plan_id = FREE if product == Product.SITE else None
    facts = {"cycle_day": day, "next_cycle_on": next_on, "plan_id": plan_id}
    return Wallet.objects.get_or_create(user=user, product=product, defaults=facts)[0]


def available(wallet: Wallet, now: datetime | None = None) -> int:
    """Return the credits that can be spent: all that have not expired."""
    lots = CreditLot.objects.filter(unexpired(now or timezone.now()), wallet_id=wallet.pk, remaining__gt=0)
    return lots.aggregate(credits=Sum("remaining"))["credits"] or 0


def unexpired(now: datetime) -> Q:
    """Match the lots whose credits can be spent."""
    return Q(expires_at__isnull=True) | Q(expires_at__gt=now)


def lock_hold(hold_id: UUID) -> CreditHold:
    """Return the hold as it is now, with its wallet; both rows are locked, the wallet first."""
    found = _lock_hold.rows(hold_id=hold_id)
    if not found:
        raise CreditHold.DoesNotExist(f"There is no hold {hold_id}.")
    return found[0]


_holds = CreditHold.objects.select_related("wallet").select_for_update(of=("wallet", "self"), no_key=True)
_lock_hold = Compiled(lambda hold_id: _holds.filter(pk=hold_id), hold_id=UUID)


def grant(
    wallet: Wallet,
    credits: int,
    *,
    source: CreditLot.Source,
    key: str,
    reason: str,
    expires_at: datetime | None = None,
    cycle_on: date | None = None,
    reference: str = "",
) -> LedgerEntry:
    """Give credits as a new lot. Locks the wallet. Raises KeyReused."""
    lot = CreditLot(wallet_id=wallet.pk, source=source, credits=credits, expires_at=expires_at, cycle_on=cycle_on)
    return _give(wallet, lot, kind=Kind.GRANT, key=key, reason=reason, reference=reference)


def hold(
    wallet: Wallet,
    credits: int,
    *,
    key: str,
    reason: str,
    reference: str,
    tool: str = "",
    beside: Beside | None = None,
) -> CreditHold:
    """Set credits aside, those that expire soonest first. Locks the wallet.

    `beside` is what the caller reads and writes with it. A repeated key returns the first hold whatever the reference,
    and then nothing beside it is written. Raises: InsufficientCredits, KeyReused, and whatever `beside` refuses with.
    """
    taken = CreditHold(wallet_id=wallet.pk, credits=credits, reference=reference, tool=tool)
    entry = _take(wallet, taken, kind=Kind.HOLD, key=key, reason=reason, beside=beside)
    assert entry.hold is not None
    return entry.hold


def settle(hold: CreditHold, credits: int, *, key: str, reason: str) -> LedgerEntry:
    """Spend credits of a hold; they left the balance when they were set aside. Locks the wallet.

    Raises: HoldOverdrawn, KeyReused.
    """
    _check(credits, key, reason)
    with _transaction():
        locked = ledger_rows.lock(hold.wallet_id, key, ledger_rows.read_hold(hold))
        _refresh(hold, locked.more[0])
        if locked.entry_id:
            return _recorded_entry(locked.entry_id, kind=Kind.SETTLE, hold=hold.pk, credits=credits)
        if hold.open_credits < credits:
            raise HoldOverdrawn(hold.pk, credits, hold.open_credits)
        hold.settled += credits
        entry = _entry(hold, Kind.SETTLE, credits, 0, locked.balance, key, reason)
        return _write(ledger_rows.set_hold(hold), entry=entry)


def release(hold: CreditHold, *, key: str, reason: str) -> LedgerEntry | None:
    """Give back all that a hold has open; None where nothing is. Locks the wallet.

    It goes to the lots it came from, the last one taken from first, so that what was settled is what would have
    expired soonest. A lot that has expired meanwhile lives GRACE longer, with these credits alone.

    Raises: KeyReused.
    """
    _check(1, key, reason)
    now = timezone.now()
    with _transaction():
        read = ledger_rows.read_hold(hold), ledger_rows.read_lots_of(hold, now)
        locked = ledger_rows.lock(hold.wallet_id, key, *read)
        _refresh(hold, locked.more[0])
        if locked.entry_id:
            return _recorded_entry(locked.entry_id, kind=Kind.RELEASE, hold=hold.pk)
        credits = hold.open_credits
        if not credits:
            return None
        lots = _lots_to_refill(hold, ledger_rows.lots_of(locked.more[1]))
        gone = sum(lot.remaining for lot, _ in lots if lot.is_over)
        statements = [*_give_back(hold, lots, locked.balance, now)]
        hold.released += credits
        balance = locked.balance - gone + credits
        entry = _entry(hold, Kind.RELEASE, credits, credits, balance, key, reason)
        return _write(
            ledger_rows.set_balance(hold.wallet_id, balance), *statements, ledger_rows.set_hold(hold), entry=entry
        )


def expire(now: datetime) -> int:
    """Expire what is due in every wallet; returns how many lots had credits left.

    A wallet that is locked at this moment is left to the next sweep; its own verbs spend nothing expired.
    """
    return ledger_batch.expire_due(now)


def adjust(
    wallet: Wallet,
    credits: int,
    *,
    key: str,
    reason: str,
    expires_at: datetime | None = None,
    reference: str = "",
    lots: Mapping[UUID, int] | None = None,
) -> LedgerEntry:
    """Give (as a new lot) or take credits, with the reason on the ledger. Locks the wallet.

    lots: to take from these alone, in their order, so many from each at most.

    Raises: InsufficientCredits where more is to be taken than can be spent, KeyReused.
    """
    if credits > 0:
        lot = CreditLot(wallet_id=wallet.pk, source=CreditLot.Source.ADMIN, credits=credits, expires_at=expires_at)
        return _give(wallet, lot, kind=Kind.ADJUST, key=key, reason=reason, reference=reference)
    taken = CreditHold(wallet_id=wallet.pk, credits=-credits, settled=-credits, reference=reference)
    return _take(wallet, taken, kind=Kind.ADJUST, key=key, reason=reason, named=lots)


# --- Into and out of the lots --------------------------------------------------------------------------------


def _give(wallet: Wallet, lot: CreditLot, *, kind: Kind, key: str, reason: str, reference: str = "") -> LedgerEntry:
    credits = lot.remaining = lot.credits
    _check(credits, key, reason)
    with _transaction():
        locked = ledger_rows.lock(wallet.pk, key)
        if locked.entry_id:
            facts = {"credits": credits, "source": lot.source, "cycle_on": lot.cycle_on}
            return _recorded_entry(locked.entry_id, kind=kind, wallet=wallet.pk, **facts)
        wallet.balance = locked.balance + credits
        entry = _entry(lot, kind, credits, credits, wallet.balance, key, reason, reference)
        return _write(ledger_rows.set_balance(wallet.pk, wallet.balance), ledger_rows.add(lot), entry=entry)


def _take(
    wallet: Wallet,
    taken: CreditHold,
    *,
    kind: Kind,
    key: str,
    reason: str,
    named: Mapping[UUID, int] | None = None,
    beside: Beside | None = None,
) -> LedgerEntry:
    """Take `taken.credits` from the wallet's lots, or from the named ones, and write `taken` with its parts."""
    _check(taken.credits, key, reason)
    delta = -taken.credits
    credits = delta if kind == Kind.ADJUST else taken.credits
    now = timezone.now()
    with _transaction():
        reads = beside.reads if beside else ()
        locked = ledger_rows.lock(wallet.pk, key, ledger_rows.read_spendable(wallet.pk, now), *reads)
        if locked.entry_id:
            return _recorded_entry(locked.entry_id, kind=kind, wallet=wallet.pk, credits=credits)
        lots = ledger_rows.lots_of(locked.more[0])
        live = [lot for lot in lots if not lot.is_over]
        spendable = sum(lot.remaining for lot in live)
        sources = [(lot, lot.remaining) for lot in live] if named is None else _named(live, named)
        spendable_here = sum(most for _, most in sources)
        if spendable_here < taken.credits:
            raise InsufficientCredits(required=taken.credits, available=spendable_here)
        over = [lot for lot in lots if lot.is_over]
        statements = [*_expire(wallet.pk, over, locked.balance, now), *_spend(sources, taken)]
        wallet.balance = spendable - taken.credits
        entry = _entry(taken, kind, credits, delta, wallet.balance, key, reason)
        written = beside.write(taken, locked.more[1:]) if beside else ()
        balance = ledger_rows.set_balance(wallet.pk, wallet.balance)
        return _write(balance, *statements, ledger_rows.add(taken), *written, entry=entry)


def _named(lots: Iterable[Lot], named: Mapping[UUID, int]) -> list[tuple[Lot, int]]:
    """Return the named lots in their order, with how many credits may be taken from each."""
    by_id = {lot.id: lot for lot in lots}
    return [(by_id[pk], min(by_id[pk].remaining, most)) for pk, most in named.items() if pk in by_id and most > 0]


def _spend(sources: Iterable[tuple[Lot, int]], taken: CreditHold) -> Iterable[Statement]:
    """Take credits from lots in their order, so many from each at most, and note in `taken` how many from which."""
    credits = taken.credits
    taken.parts = []
    for lot, most in sources:
        part = min(most, credits)
        lot.remaining -= part
        credits -= part
        taken.parts.append([lot.id.hex, part])
        yield ledger_rows.set_lot(lot)
        if not credits:
            break


def _lots_to_refill(hold: CreditHold, lots: list[Lot]) -> list[tuple[Lot, int]]:
    """Return which lots get back how much of what a hold has open; the last one taken from is the first."""
    by_id = {lot.id.hex: lot for lot in lots}
    credits = hold.open_credits
    refills = []
    for lot_id, part in reversed(hold.parts):
        back = min(part, credits)
        credits -= back
        refills.append((by_id[lot_id], back))
        if not credits:
            break
    return refills


def _give_back(
    hold: CreditHold, refills: Iterable[tuple[Lot, int]], balance: int, now: datetime
) -> Iterable[Statement]:
    for lot, back in refills:
        if lot.is_over:
            # What expired here must not live on with what comes back.
            left = lot.remaining
            yield from _expire(hold.wallet_id, [lot], balance, now)
            balance -= left
            yield ledger_rows.prolong_lot(lot, now + GRACE)
        lot.remaining += back
        yield ledger_rows.set_lot(lot)


def _expire(wallet_id: UUID, lots: Iterable[Lot], balance: int, now: datetime) -> Iterable[Statement]:
    """Expire what these lots have left, a line for each, from this balance on."""
    for lot in lots:
        if not lot.remaining:
            continue
        balance -= lot.remaining
        yield ledger_rows.add(
            LedgerEntry(
                wallet_id=wallet_id,
                kind=Kind.EXPIRE,
                credits=lot.remaining,
                delta=-lot.remaining,
                balance_after=balance,
                lot_id=lot.id,
                reason=ledger_batch.EXPIRED,
                key=f"expire:{lot.id.hex}:{lot.expired}",
                created_at=now,
            )
        )
        lot.expired += lot.remaining
        lot.remaining = 0
        yield ledger_rows.set_lot(lot)


# --- Keys, lines, transactions -----------------------------------------------------------------------------------


def _check(credits: int, key: str, reason: str) -> None:
    if credits < 1:
        raise ValueError(f"{credits} credits cannot be moved; at least 1 can.")
    for name, text, bound in (("key", key, KEY_MAX_LENGTH), ("reason", reason, REASON_MAX_LENGTH)):
        if not 1 <= len(text) <= bound:
            raise ValueError(f"The {name} has {len(text)} characters; 1 to {bound} are allowed.")


def _transaction() -> AbstractContextManager[None]:
    """Begin a transaction, or join the caller's without a savepoint."""
    return nullcontext() if connection.in_atomic_block else transaction.atomic()


def _write(*statements: Statement, entry: LedgerEntry) -> LedgerEntry:
    # A failure half way undoes the whole transaction, the caller's included; this costs no statement.
    with transaction.atomic(savepoint=False):
        return ledger_rows.write(*statements, entry=entry)


def _refresh(hold: CreditHold, rows: list[Row]) -> None:
    """Bring the caller's copy up to date."""
    if not rows:
        raise CreditHold.DoesNotExist(f"There is no hold {hold.pk}.")
    hold.settled, hold.released = rows[0]


def _recorded_entry(entry_id: int, **facts: object) -> LedgerEntry:
    """Return the entry that has the key. Raises KeyReused where it was written for something else."""
    entry = LedgerEntry.objects.select_related("hold", "lot").get(pk=entry_id)
    first: dict[str, object] = {
        "kind": entry.kind,
        "wallet": entry.wallet_id,
        "credits": entry.credits,
        "hold": entry.hold_id,
        "source": entry.lot and entry.lot.source,
        "cycle_on": entry.lot and entry.lot.cycle_on,
    }
    for fact, now in facts.items():
        if first[fact] != now:
            raise KeyReused(entry.key, fact, first[fact], now)
    return entry


def _entry(
    of: CreditHold | CreditLot,
    kind: Kind,
    credits: int,
    delta: int,
    balance: int,
    key: str,
    reason: str,
    reference: str = "",
) -> LedgerEntry:
    """Return the line about a lot or a hold; a hold's lines carry its reference."""
    hold = of if isinstance(of, CreditHold) else None
    return LedgerEntry(
        wallet_id=of.wallet_id,
        kind=kind,
        credits=credits,
        delta=delta,
        balance_after=balance,
        lot=of if isinstance(of, CreditLot) else None,
        hold=hold,
        reason=reason,
        reference=hold.reference if hold else reference,
        key=key,
    )
