"""The verbs that move credits: grant, hold, settle, release, expire, adjust. Nothing else moves one.

Every verb takes the wallet's lock, then the hold's, and an idempotency key. The key is looked for in the first
statement that writes, under the lock: of two calls with the same key the second changes nothing and returns what
the first returned. That statement comes before the rest, so no verb lives by a unique violation, which would
spoil the caller's transaction on PostgreSQL; and what is refused is refused before anything was written.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, Exists, F, Q, QuerySet, Sum, When
from django.utils import timezone

from accounts.models import User
from billing import cycles, ledger_batch
from billing.errors import HoldOverdrawn, InsufficientCredits, KeyReused
from billing.models import CreditHold, CreditLot, LedgerEntry, Product, Wallet

Kind = LedgerEntry.Kind

# Credits that come back into a lot that has expired meanwhile can be spent for this long.
GRACE = timedelta(hours=24)
SPENDING_ORDER = (F("expires_at").asc(nulls_last=True), "created_at", "id")


def wallet_of(user: User, product: Product = Product.SITE) -> Wallet:
    """Return the person's wallet for a product; made on first use."""
    wallet = Wallet.objects.filter(user=user, product=product).first()
    if wallet is not None:
        return wallet
    day = cycles.cycle_day(user.date_joined, user.zone)
    next_on = cycles.next_cycle(day, timezone.now().astimezone(user.zone).date())
    facts = {"cycle_day": day, "next_cycle_on": next_on}
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
    holds = CreditHold.objects.select_related("wallet").select_for_update(of=("wallet", "self"), no_key=True)
    return holds.get(pk=hold_id)


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
    return _add(wallet, lot, kind=Kind.GRANT, key=key, reason=reason, reference=reference)


def hold(wallet: Wallet, credits: int, *, key: str, reason: str, reference: str) -> CreditHold:
    """Set credits aside, those that expire soonest first. Locks the wallet.

    Raises: InsufficientCredits, KeyReused.
    """
    taken = CreditHold(wallet_id=wallet.pk, credits=credits, reference=reference)
    entry = _take(wallet, taken, kind=Kind.HOLD, key=key, reason=reason)
    assert entry.hold is not None
    return entry.hold


def settle(hold: CreditHold, credits: int, *, key: str, reason: str) -> LedgerEntry:
    """Spend credits of a hold; they left the balance when they were set aside. Locks wallet and hold.

    Raises: HoldOverdrawn, KeyReused.
    """
    _check(credits, key, reason)
    with _transaction():
        current = lock_hold(hold.pk)
        if current.open_credits < credits:
            if first := _written_before(key, Kind.SETTLE, current.wallet_id, hold=hold.pk, credits=credits):
                return first
            raise HoldOverdrawn(hold.pk, credits, current.open_credits)
        settled = current.settled + credits
        if not _write_if_new(key, CreditHold.objects.filter(pk=hold.pk), settled=settled):
            return _require_first(key, Kind.SETTLE, current.wallet_id, hold=hold.pk, credits=credits)
        with _all_or_nothing():
            hold.settled, hold.released = settled, current.released
            return _write_entry(
                current.wallet_id, Kind.SETTLE, credits, 0, current.wallet.balance, key=key, reason=reason, hold=hold
            )


def release(hold: CreditHold, *, key: str, reason: str) -> LedgerEntry | None:
    """Give back all that a hold has open; None where nothing is. Locks wallet and hold.

    It goes to the lots it came from, the last one taken from first, so that what was settled is what would have
    expired soonest. A lot that has expired meanwhile lives GRACE longer, with these credits alone.

    Raises: KeyReused.
    """
    _check(1, key, reason)
    with _transaction():
        current = lock_hold(hold.pk)
        credits = current.open_credits
        if not credits:
            return _written_before(key, Kind.RELEASE, current.wallet_id, hold=hold.pk)
        if not _write_if_new(key, CreditHold.objects.filter(pk=hold.pk), released=credits):
            return _require_first(key, Kind.RELEASE, current.wallet_id, hold=hold.pk)
        with _all_or_nothing():
            hold.settled, hold.released = current.settled, credits
            balance = _give_back(current, credits) + credits
            Wallet.objects.filter(pk=current.wallet_id).update(balance=balance)
            return _write_entry(
                current.wallet_id, Kind.RELEASE, credits, credits, balance, key=key, reason=reason, hold=hold
            )


def expire(now: datetime) -> int:
    """Expire what is due in every wallet; returns how many lots had credits left.

    A wallet that is locked at this moment is left to the next sweep; its own verbs spend nothing expired.
    """
    return ledger_batch.expire_due(now)


def adjust(wallet: Wallet, credits: int, *, key: str, reason: str, expires_at: datetime | None = None) -> LedgerEntry:
    """Give (as a new lot) or take credits, with the reason on the ledger. Locks the wallet.

    Raises: InsufficientCredits where more is to be taken than can be spent, KeyReused.
    """
    if credits > 0:
        lot = CreditLot(wallet_id=wallet.pk, source=CreditLot.Source.ADMIN, credits=credits, expires_at=expires_at)
        return _add(wallet, lot, kind=Kind.ADJUST, key=key, reason=reason)
    taken = CreditHold(wallet_id=wallet.pk, credits=-credits, settled=-credits, reference="adjust")
    return _take(wallet, taken, kind=Kind.ADJUST, key=key, reason=reason)


# --- Into and out of the lots --------------------------------------------------------------------------------


def _add(wallet: Wallet, lot: CreditLot, *, kind: Kind, key: str, reason: str, reference: str = "") -> LedgerEntry:
    _check(lot.credits, key, reason)
    lot.remaining = lot.credits
    with _transaction():
        balance = _lock(wallet) + lot.credits
        if not _write_if_new(key, Wallet.objects.filter(pk=wallet.pk), balance=balance):
            return _require_first(key, kind, wallet.pk, credits=lot.credits, source=lot.source, cycle_on=lot.cycle_on)
        with _all_or_nothing():
            lot.save(force_insert=True)
            wallet.balance = balance
            return _write_entry(
                wallet.pk, kind, lot.credits, lot.credits, balance, key=key, reason=reason, reference=reference, lot=lot
            )


def _take(wallet: Wallet, taken: CreditHold, *, kind: Kind, key: str, reason: str) -> LedgerEntry:
    """Take `taken.credits` from the wallet's lots and write `taken` with the parts."""
    credits = taken.credits
    _check(credits, key, reason)
    now = timezone.now()
    sign = -1 if kind == Kind.ADJUST else 1
    with _transaction():
        balance = _lock(wallet)
        expired, live = _lots_to_spend(wallet, now)
        spendable = sum(lot.remaining for lot in live)
        if spendable < credits:
            if first := _written_before(key, kind, wallet.pk, credits=sign * credits):
                return first
            raise InsufficientCredits(required=credits, available=spendable)
        after = spendable - credits
        if not _write_if_new(key, Wallet.objects.filter(pk=wallet.pk), balance=after):
            return _require_first(key, kind, wallet.pk, credits=sign * credits)
        with _all_or_nothing():
            _expire_lots(wallet.pk, expired, balance, now)
            taken.parts = _take_parts(live, credits)
            taken.save(force_insert=True)
            wallet.balance = after
            return _write_entry(
                wallet.pk, kind, sign * credits, -credits, after,
                key=key, reason=reason, reference=taken.reference, hold=taken,
            )  # fmt: skip


def _lots_to_spend(wallet: Wallet, now: datetime) -> tuple[list[CreditLot], list[CreditLot]]:
    """Return the lots that hold credits: those that have expired, and the others in spending order."""
    lots = CreditLot.objects.filter(wallet_id=wallet.pk, remaining__gt=0)
    expired: list[CreditLot] = []
    live: list[CreditLot] = []
    for lot in lots.order_by(*SPENDING_ORDER):
        (expired if lot.expires_at and lot.expires_at <= now else live).append(lot)
    return expired, live


def _take_parts(lots: Iterable[CreditLot], credits: int) -> list[tuple[str, int]]:
    """Take credits from lots in their order; returns how many from which."""
    parts = []
    emptied = []
    for lot in lots:
        part = min(lot.remaining, credits)
        credits -= part
        parts.append((lot.pk.hex, part))
        if part == lot.remaining:
            emptied.append(lot.pk)
        else:
            CreditLot.objects.filter(pk=lot.pk).update(remaining=lot.remaining - part)
        if not credits:
            break
    if emptied:
        CreditLot.objects.filter(pk__in=emptied).update(remaining=0)
    return parts


def _give_back(hold: CreditHold, credits: int) -> int:
    """Return credits to the lots of a hold, the last first; returns the wallet's balance without them."""
    now = timezone.now()
    balance = hold.wallet.balance
    prolonged = Case(When(expires_at__lte=now, then=now + GRACE), default=F("expires_at"))
    for lot_id, part in reversed(hold.parts):
        back = min(part, credits)
        lot = CreditLot.objects.filter(pk=lot_id)
        values = {"remaining": F("remaining") + back, "expires_at": prolonged}
        # What expired in the lot must not live on with what comes back, so it expires first (seldom: the
        # sweep has mostly done so).
        if not lot.filter(unexpired(now) | Q(remaining=0)).update(**values):
            balance = _expire_lots(hold.wallet_id, lot, balance, now)
            lot.update(**values)
        credits -= back
        if not credits:
            break
    return balance


def _expire_lots(wallet_id: UUID, lots: Iterable[CreditLot], balance: int, now: datetime) -> int:
    """Expire what these lots have left, a line for each; returns the balance after. The wallet's row is the caller's."""
    entries = []
    for lot in lots:
        balance -= lot.remaining
        entries.append(
            LedgerEntry(
                wallet_id=wallet_id,
                kind=Kind.EXPIRE,
                credits=lot.remaining,
                delta=-lot.remaining,
                balance_after=balance,
                lot=lot,
                reason=ledger_batch.EXPIRED,
                key=f"expire:{lot.pk.hex}:{lot.expired}",
                created_at=now,
            )  # fmt: skip
        )
    if entries:
        LedgerEntry.objects.bulk_create(entries)
        emptied = CreditLot.objects.filter(pk__in=[entry.lot_id for entry in entries])
        emptied.update(expired=F("expired") + F("remaining"), remaining=0)
    return balance


# --- Locks, keys, lines ----------------------------------------------------------------------------------------


def _transaction() -> AbstractContextManager[None]:
    """Begin a transaction, or join the caller's without a savepoint: a refusal leaves that usable."""
    return nullcontext() if connection.in_atomic_block else transaction.atomic()


def _all_or_nothing() -> AbstractContextManager[None]:
    """Let a failure from here on undo the whole transaction, the caller's included; costs no statement."""
    return transaction.atomic(savepoint=False)


def _lock(wallet: Wallet) -> int:
    """Lock the wallet and return its balance."""
    # no_key: rows that refer to the wallet can still be written elsewhere meanwhile.
    locked = Wallet.objects.select_for_update(no_key=True).filter(pk=wallet.pk)
    return locked.values_list("balance", flat=True).get()


def _check(credits: int, key: str, reason: str) -> None:
    if credits < 1:
        raise ValueError(f"{credits} credits cannot be moved; at least 1 can.")
    for name, text in (("key", key), ("reason", reason)):
        bound = LedgerEntry._meta.get_field(name).max_length
        if not 1 <= len(text) <= bound:
            raise ValueError(f"The {name} has {len(text)} characters; 1 to {bound} are allowed.")


def _write_if_new(key: str, row: QuerySet[Any], **values: int) -> bool:
    """Update the row unless the key is on the ledger. The caller holds the wallet's lock."""
    return bool(row.filter(~Exists(LedgerEntry.objects.filter(key=key))).update(**values))


def _written_before(key: str, kind: Kind, wallet_id: UUID, **facts: object) -> LedgerEntry | None:
    """Return the entry that has the key. Raises KeyReused where it was written for something else."""
    entry = LedgerEntry.objects.select_related("hold", "lot").filter(key=key).first()
    if entry is None:
        return None
    first: dict[str, object] = {
        "kind": entry.kind,
        "wallet": entry.wallet_id,
        "credits": entry.credits,
        "hold": entry.hold_id,
        "source": entry.lot and entry.lot.source,
        "cycle_on": entry.lot and entry.lot.cycle_on,
    }
    for fact, now in {"kind": kind, "wallet": wallet_id, **facts}.items():
        if first[fact] != now:
            raise KeyReused(key, fact, first[fact], now)
    return entry


def _require_first(key: str, kind: Kind, wallet_id: UUID, **facts: object) -> LedgerEntry:
    entry = _written_before(key, kind, wallet_id, **facts)
    assert entry is not None, "the row was there a statement ago, under our lock"
    return entry


def _write_entry(wallet_id: UUID, kind: Kind, credits: int, delta: int, balance: int, **facts: Any) -> LedgerEntry:
    hold: CreditHold | None = facts.get("hold")
    if hold is not None:
        facts["reference"] = hold.reference if kind != Kind.ADJUST else ""
    entry = LedgerEntry(wallet_id=wallet_id, kind=kind, credits=credits, delta=delta, balance_after=balance, **facts)
    entry.save(force_insert=True)
    return entry
