"""The set-based half of the ledger: expiries and monthly grants of many wallets in a few statements.

Each chunk is one transaction. It claims wallets into a temporary table, locked, passing over those that
somebody else has locked, and then moves credits for all of them at once. The SQL is the same on PostgreSQL and
SQLite but for the few words in `_Words`. How much a cycle brings stands in the wallet's plan; when the next one begins
is the caller's to say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils.translation import gettext_noop

from billing import ledger_rows
from billing.models import CreditLot, LedgerEntry, Subscription, Wallet

EXPIRED = gettext_noop("Not used in time")
CHUNK = 5000


@dataclass(frozen=True)
class Cycle:
    """What the wallets of a chunk have in common: when their cycle began, and by which calendar the next does."""

    day: int
    time_zone: str
    on: date


@dataclass(frozen=True)
class Terms:
    """When the next cycle begins, and what the line of this one's credits says."""

    next_on: date
    next_at: datetime
    reason: str


@dataclass(frozen=True)
class _Words:
    """Where the two databases speak differently."""

    uuid: str
    timestamp: str
    lock: str
    temporary: str
    # A version 7 UUID of the time in the one parameter, in milliseconds. Source: RFC 9562, section 5.7.
    uuid7: str
    # {} is a UUID column; 32 hexadecimal digits, as `UUID.hex` writes them.
    hex: str


_POSTGRESQL = _Words(
    uuid="uuid",
    timestamp="timestamptz",
    lock="FOR NO KEY UPDATE OF wallet SKIP LOCKED",
    temporary="ON COMMIT DELETE ROWS",
    # A random version 4, its first 48 bits overlaid with the time, its version bits 0100 made 0111.
    uuid7="encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing"
    " substring(int8send(%s) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid",
    hex="replace({}::text, '-', '')",
)
# SQLite keeps UUIDs as hexadecimal digits. Its transactions are IMMEDIATE here: one writer, nobody to pass over.
_SQLITE = _Words(
    uuid="char(32)",
    timestamp="datetime",
    lock="",
    temporary="",
    uuid7="lower(printf('%%012x', %s) || '7' || substr(hex(randomblob(2)), 2)"
    " || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(8)), 2))",
    hex="{}",
)


def expire_due(now: datetime, *, chunk: int = CHUNK) -> int:
    """Expire every lot that is due; returns how many had credits left."""
    expired = 0
    while CreditLot.objects.filter(remaining__gt=0, expires_at__lte=now).exists():
        with transaction.atomic():
            _prepare()
            if not _claim_expiring(now, chunk):
                break
            expired += _write_expiries(now)
            _take_expired()
            _empty_lots()
    return expired


def grant_due(now: datetime, terms_of: Callable[[Cycle], Terms], *, chunk: int = CHUNK) -> int:
    """Begin every cycle that is due, the oldest first, one a wallet and pass; returns how many lots were granted.

    A lot that a cycle already has, however it came, is not granted again: the wallet only moves on.
    """
    granted = 0
    while Wallet.objects.filter(next_grant_at__lte=now).exists():
        with transaction.atomic():
            _prepare()
            if not _claim_cycles(now, chunk):
                break
            _set_terms(terms_of, now)
            _write_expiries(now)
            _begin_cycles()
            _empty_lots()
            granted += _grant(now)
    return granted


# --- Claims -----------------------------------------------------------------------------------------------------


def _prepare() -> None:
    """Have an empty table for the wallets of this chunk; it is this connection's own."""
    _run(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS billing_due (
            wallet_id {uuid} PRIMARY KEY, until {timestamp} NOT NULL, day integer, time_zone varchar(64), cycle_on date,
            credits bigint, next_on date, next_at {timestamp}, reason varchar(200)
        ) {temporary}
        """
    )
    # Inside a larger transaction no commit has emptied it.
    _run("DELETE FROM billing_due")
    if connection.vendor == "postgresql":
        # A chunk finds its few rows by index. Of the new table the planner knows nothing, and would rather
        # read the large ones whole, in each chunk.
        _run("SET LOCAL enable_seqscan = off")
        # The price that puts on the new table itself would have each statement compiled.
        _run("SET LOCAL jit = off")


def _claim_expiring(now: datetime, limit: int) -> int:
    return _run(
        """
        INSERT INTO billing_due (wallet_id, until)
        SELECT wallet.id, %s FROM billing_wallet wallet
        WHERE wallet.id IN (
            SELECT lot.wallet_id FROM billing_creditlot lot WHERE lot.remaining > 0 AND lot.expires_at <= %s
        )
        LIMIT %s {lock}
        """,
        now, now, limit,
    )  # fmt: skip


def _claim_cycles(now: datetime, limit: int) -> int:
    return _run(
        """
        INSERT INTO billing_due (wallet_id, until, day, time_zone, cycle_on)
        SELECT wallet.id, wallet.next_grant_at, wallet.cycle_day, person.time_zone, wallet.next_cycle_on
        FROM billing_wallet wallet JOIN {users} person ON person.id = wallet.user_id
        WHERE wallet.next_grant_at <= %s
        ORDER BY wallet.next_grant_at LIMIT %s {lock}
        """,
        now, limit,
    )  # fmt: skip


def _set_terms(terms_of: Callable[[Cycle], Terms], now: datetime) -> None:
    """Write each claimed wallet's terms; few combinations, so Python's calendar decides and SQL spreads it.

    What a cycle brings is read here, when the wallets are locked. A claim that meets a plan changed meanwhile reads the
    wallet anew, but nothing that it joined to it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT day, time_zone, CAST(cycle_on AS varchar(10)) FROM billing_due")
        cycles = [Cycle(day, time_zone, date.fromisoformat(on)) for day, time_zone, on in cursor.fetchall()]
    values: list[Any] = []
    for cycle in cycles:
        terms = terms_of(cycle)
        values += [cycle.day, cycle.time_zone, cycle.on, terms.next_on, terms.next_at, terms.reason]
    _run(
        """
        UPDATE billing_due SET next_on = terms.column4, next_at = terms.column5, reason = terms.column6, credits = CASE
            WHEN EXISTS (
                SELECT 1 FROM billing_creditlot lot
                WHERE lot.wallet_id = billing_due.wallet_id AND lot.cycle_on = billing_due.cycle_on
            ) THEN 0 ELSE COALESCE(CASE WHEN plan.slug <> 'free' AND EXISTS (
                -- What somebody pays for comes by their payments (`paid_months`); a plan that was given, by the cycle,
                -- and again once the grace of a payment that fails is over.
                SELECT 1 FROM billing_subscription paid WHERE paid.user_id = wallet.user_id
                AND paid.ended_at IS NULL AND NOT paid.is_duplicate AND paid.status IN ({running})
                AND (paid.status <> 'past_due' OR paid.past_due_since IS NULL OR paid.past_due_since > %s)
            ) THEN free.monthly_credits ELSE plan.monthly_credits END, 0) END
        FROM (VALUES {values}) AS terms, billing_wallet wallet
        LEFT JOIN billing_plan plan ON plan.slug = wallet.plan_id
        LEFT JOIN billing_plan free ON free.slug = 'free'
        WHERE wallet.id = billing_due.wallet_id AND day = terms.column1 AND time_zone = terms.column2
            AND cycle_on = terms.column3
        """,
        Subscription.grace_over_since(now),
        *values,
        rows=len(cycles),
    )


# --- Moves ------------------------------------------------------------------------------------------------------

# Of the claimed wallets: the lots that end by the moment the wallet was claimed for.
_ENDING = "lot.wallet_id = due.wallet_id AND lot.remaining > 0 AND lot.expires_at <= due.until"
_GONE = """
    SELECT lot.wallet_id, SUM(lot.remaining) AS credits
    FROM billing_due due JOIN billing_creditlot lot ON {ending} GROUP BY lot.wallet_id
"""


def _write_expiries(now: datetime) -> int:
    """Write a line for each lot that ends, in the order in which they do; returns how many."""
    return _run(
        """
        INSERT INTO billing_ledgerentry
            (wallet_id, lot_id, kind, credits, delta, balance_after, reason, reference, key, created_at)
        SELECT lot.wallet_id, lot.id, %s, lot.remaining, -lot.remaining,
            wallet.balance - SUM(lot.remaining) OVER (PARTITION BY wallet.id ORDER BY lot.expires_at, lot.id),
            %s, '', 'expire:' || {hex_lot} || ':' || CAST(lot.expired AS varchar(20)), %s
        FROM billing_due due JOIN billing_wallet wallet ON wallet.id = due.wallet_id
        JOIN billing_creditlot lot ON {ending}
        ORDER BY lot.wallet_id, lot.expires_at, lot.id
        """,
        LedgerEntry.Kind.EXPIRE.value, EXPIRED, now,
    )  # fmt: skip


def _take_expired() -> None:
    """Take what ends out of the wallets' balances."""
    _run("UPDATE billing_wallet SET balance = balance - gone.credits FROM ({gone}) AS gone WHERE id = gone.wallet_id")


def _begin_cycles() -> None:
    """Take what ends out of the wallets' balances, add what comes and move them on to the next cycle."""
    _run(
        """
        UPDATE billing_wallet SET balance = balance - COALESCE(gone.credits, 0) + due.credits,
            next_cycle_on = due.next_on, next_grant_at = due.next_at
        FROM billing_due due LEFT JOIN ({gone}) AS gone ON gone.wallet_id = due.wallet_id WHERE id = due.wallet_id
        """
    )


def _empty_lots() -> None:
    """Empty the lots that end."""
    _run(
        """
        UPDATE billing_creditlot AS lot SET expired = expired + remaining, remaining = 0
        FROM billing_due due WHERE {ending}
        """
    )


def _grant(now: datetime) -> int:
    """Give the claimed wallets their cycle's lot; returns how many got one."""
    granted = _run(
        """
        INSERT INTO billing_creditlot
            (id, wallet_id, source, credits, remaining, expired, cycle_on, expires_at, created_at)
        SELECT {uuid7}, wallet_id, %s, credits, credits, 0, cycle_on, next_at, %s FROM billing_due WHERE credits > 0
        """,
        _milliseconds(now), CreditLot.Source.MONTHLY.value, now,
    )  # fmt: skip
    _run(
        """
        INSERT INTO billing_ledgerentry
            (wallet_id, lot_id, kind, credits, delta, balance_after, reason, reference, key, created_at)
        SELECT due.wallet_id, lot.id, %s, due.credits, due.credits, wallet.balance, due.reason, '',
            'monthly:' || {hex_wallet} || ':' || CAST(due.cycle_on AS varchar(10)), %s
        FROM billing_due due JOIN billing_wallet wallet ON wallet.id = due.wallet_id
        JOIN billing_creditlot lot ON lot.wallet_id = due.wallet_id AND lot.cycle_on = due.cycle_on
        WHERE due.credits > 0
        """,
        LedgerEntry.Kind.GRANT.value, now,
    )  # fmt: skip
    return granted


# --- Running it -------------------------------------------------------------------------------------------------


def _run(statement: str, *values: Any, rows: int = 0) -> int:
    """Execute a statement with this database's words; returns how many rows it wrote.

    rows: how many rows of six values stand where it says {values}.
    """
    words = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    text = statement.format(
        users=get_user_model()._meta.db_table,
        uuid=words.uuid,
        timestamp=words.timestamp,
        lock=words.lock,
        temporary=words.temporary,
        uuid7=words.uuid7,
        hex_lot=words.hex.format("lot.id"),
        hex_wallet=words.hex.format("wallet.id"),
        ending=_ENDING,
        gone=_GONE.format(ending=_ENDING),
        running=", ".join(f"'{status}'" for status in Subscription.RUNNING),
        values=", ".join(["(%s, %s, %s, %s, %s, %s)"] * rows),
    )
    with connection.cursor() as cursor:
        cursor.execute(text, [ledger_rows.adapt(value) for value in values])
        return int(cursor.rowcount)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
