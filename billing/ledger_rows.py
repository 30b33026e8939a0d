"""How the ledger's verbs reach their rows: each reads once, behind the wallet's lock, and writes once.

SQL by hand instead of the ORM, because other requests of the same person wait while these statements run. To
PostgreSQL they go together, in one message and one answer. Each sees what was committed before it began itself,
so what stands after the lock is read after the lock was had.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BigAutoField, Field, Model

from billing.models import CreditHold, LedgerEntry, Wallet

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Statement:
    """SQL with its values."""

    text: str
    values: Sequence[Any]


@dataclass
class Lot:
    """What the verbs need to know of a lot."""

    id: UUID
    remaining: int
    expired: int
    is_over: bool


@dataclass(frozen=True)
class Locked:
    """What was read behind the wallet's lock; `entry_id` is the line that has the key already."""

    balance: int
    entry_id: int | None
    more: list[list[Row]]


@dataclass(frozen=True)
class Beside:
    """What a caller reads and writes in a verb's own messages, behind the wallet's lock: no round trip is for it alone.

    `write` gets the hold and the rows of `reads` and returns what is written with the hold. Nothing is written before:
    it may refuse by raising.
    """

    reads: Sequence[Statement]
    write: Callable[[CreditHold, list[list[Row]]], Sequence[Statement]]


def lock(wallet_id: UUID, key: str, *more: Statement) -> Locked:
    """Lock the wallet, look for the key and read whatever else a verb decides by. Raises Wallet.DoesNotExist."""
    first = Statement(_LOCK_WALLET + _for_update(), [wallet_id])
    wallets, entries, *rows = together([first, Statement(_FIND_KEY, [key]), *more])
    if not wallets:
        raise Wallet.DoesNotExist(f"There is no wallet {wallet_id}.")
    return Locked(wallets[0][0], entries[0][0] if entries else None, rows)


def read_spendable(wallet_id: UUID, now: datetime) -> Statement:
    """Read the lots that hold credits, in spending order; those that have expired come first."""
    return Statement(_SPENDABLE_LOTS, [now, wallet_id])


def read_hold(hold: CreditHold) -> Statement:
    """Read what of a hold was settled and released."""
    return Statement(_READ_HOLD, [hold.pk])


def read_lots_of(hold: CreditHold, now: datetime) -> Statement:
    """Read the lots that a hold was taken from, in any order."""
    lot_ids = [UUID(lot_id) for lot_id, _ in hold.parts]
    return Statement(_READ_LOTS.format(", ".join(["%s"] * len(lot_ids))), [now, *lot_ids])


def lots_of(rows: list[Row]) -> list[Lot]:
    """Return the lots that were read."""
    return [Lot(_uuid(pk), remaining, expired, bool(is_over)) for pk, remaining, expired, is_over in rows]


def set_balance(wallet_id: UUID, balance: int) -> Statement:
    """Write the wallet's balance."""
    return Statement("UPDATE billing_wallet SET balance = %s WHERE id = %s", [balance, wallet_id])


def set_lot(lot: Lot) -> Statement:
    """Write what a lot has left, and what expired in it."""
    text = "UPDATE billing_creditlot SET remaining = %s, expired = %s WHERE id = %s"
    return Statement(text, [lot.remaining, lot.expired, lot.id])


def prolong_lot(lot: Lot, until: datetime) -> Statement:
    """Let a lot's credits live until then."""
    return Statement("UPDATE billing_creditlot SET expires_at = %s WHERE id = %s", [until, lot.id])


def set_hold(hold: CreditHold) -> Statement:
    """Write what of a hold was settled and released."""
    return Statement(
        "UPDATE billing_credithold SET settled = %s, released = %s WHERE id = %s",
        [hold.settled, hold.released, hold.pk],
    )


def add(row: Model) -> Statement:
    """Write a new row, of another app too; all of its values are known but the id of a ledger's line."""
    fields = _written_fields(type(row))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    return Statement(_insert(type(row)), values)


def write(*statements: Statement, entry: LedgerEntry) -> LedgerEntry:
    """Write the rows, the entry last, and return the entry with its id."""
    *_, ids = together([*statements, add(entry)])
    entry.pk = ids[0][0]
    entry._state.adding = False
    entry._state.db = connection.alias
    return entry


def together(statements: Sequence[Statement]) -> list[list[Row]]:
    """Execute statements in their order, on PostgreSQL in one round trip; returns the rows of each."""
    with connection.cursor() as cursor:
        if not _takes_several():
            return [_execute(cursor, statement) for statement in statements]
        whole = Statement(
            ";".join(statement.text for statement in statements),
            [value for statement in statements for value in statement.values],
        )
        results = [_execute(cursor, whole)]
        while cursor.nextset():
            results.append(cursor.fetchall() if cursor.description else [])
        return results


# --- SQL ----------------------------------------------------------------------------------------------------

_LOCK_WALLET = "SELECT balance FROM billing_wallet WHERE id = %s"
_FIND_KEY = "SELECT id FROM billing_ledgerentry WHERE key = %s"
_READ_HOLD = "SELECT settled, released FROM billing_credithold WHERE id = %s"
_LOT = "SELECT id, remaining, expired, expires_at <= %s FROM billing_creditlot"
_READ_LOTS = _LOT + " WHERE id IN ({})"
_SPENDABLE_LOTS = _LOT + " WHERE wallet_id = %s AND remaining > 0 ORDER BY expires_at NULLS LAST, created_at, id"


def _for_update() -> str:
    # NO KEY: rows that refer to the wallet can still be written elsewhere. SQLite locks the whole file at BEGIN.
    return " FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""


@cache
def _insert(model: type[Model]) -> str:
    names = [f'"{field.column}"' for field in _written_fields(model)]
    values = ", ".join(["%s"] * len(names))
    returning = " RETURNING id" if model is LedgerEntry else ""
    return f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) VALUES ({values}){returning}"  # noqa: S608


@cache
def _written_fields(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the fields of a new row; an entry's id is the database's to draw."""
    return [field for field in model._meta.concrete_fields if not isinstance(field, BigAutoField)]


def _takes_several() -> bool:
    options = connection.settings_dict["OPTIONS"]
    return connection.vendor == "postgresql" and not options.get("server_side_binding")


def _execute(cursor: Any, statement: Statement) -> list[Row]:
    cursor.execute(statement.text, [adapt(value) for value in statement.values])
    return cursor.fetchall() if cursor.description else []


def adapt(value: Any) -> Any:
    """Return a value as the ORM would store it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
