"""Benchmark (f): the monthly grants of a million wallets, against raw SQL in chunks as large."""

from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psutil
import psycopg

from benchmarks import cpu
from benchmarks.children import Child
from benchmarks.comparison import Bound, Outcome, Part, Spread, in_turn, is_smaller, ratios_of
from benchmarks.errors import BenchmarkFailed
from benchmarks.grant_sides import CHUNK
from benchmarks.site import Place
from tests import services

# Seconds of a sweep, of raw SQL's.
SWEEP_AT_MOST = 3.0
# A second sweep of the same moment, as a share of the first.
AGAIN_AT_MOST = 0.3
_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "America/Sao_Paulo")
_FIRST_ON = date(2030, 3, 2)
# The turn before the first, which is not timed; its wallets come on top.
_WARMING = -1
_PATIENCE_SECONDS = 3600.0

# Everybody has signed up a month ago and 60 credits left of that; one of ten is on a paid plan.
_PEOPLE = """
    INSERT INTO accounts_user (id, email, password, display_name, device, time_zone, is_active, is_staff, is_superuser,
        date_joined)
    SELECT gen_random_uuid(), 'wallet' || number || '@example.com', '', '', '',
        (%(zones)s::text[])[1 + number %% %(count)s], true, false, false, %(joined)s
    FROM generate_series(1, %(wallets)s) AS number
"""
_WALLETS = """
    INSERT INTO billing_wallet (id, user_id, product, balance, cycle_day, next_cycle_on, next_grant_at, plan_id,
        calendar_version, created_at)
    SELECT gen_random_uuid(), person.id, 'site', 60, extract(day FROM slice.on_date), slice.on_date, slice.at,
        CASE WHEN number %% 10 = 0 THEN 'starter' ELSE 'free' END, 1, %(joined)s
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM accounts_user WHERE email LIKE 'wallet%%') AS person
    JOIN (SELECT place, %(first_on)s::date + place AS on_date,
              %(first_at)s::timestamptz + place * interval '1 day' AS at
          FROM generate_series(-1, %(slices)s - 1) AS place) AS slice
        ON slice.place = CASE WHEN number <= %(warming)s THEN -1 ELSE number %% %(slices)s END
"""
_LOTS = """
    INSERT INTO billing_creditlot (id, wallet_id, source, credits, remaining, expired, cycle_on, expires_at, created_at)
    SELECT gen_random_uuid(), id, 'monthly', 60, 60, 0, %(joined)s::date, next_grant_at, %(joined)s FROM billing_wallet
    WHERE balance = 60
"""
_ENTRIES = """
    INSERT INTO billing_ledgerentry (wallet_id, lot_id, kind, credits, delta, balance_after, reason, reference, key,
        created_at)
    SELECT wallet_id, id, 'grant', 60, 60, 60, 'Monthly credits', '', 'monthly:' || id, %(joined)s
    FROM billing_creditlot WHERE credits = 60
"""
_TABLES = ("wallet", "creditlot", "ledgerentry")


@dataclass(frozen=True)
class Crowd:
    """How many wallets each side has, and in how many turns they come due."""

    wallets: int = 1_000_000
    turns: int = 7

    @property
    def warming(self) -> int:
        """How many more come due before the first turn: a whole chunk, or a tenth of few wallets."""
        return min(CHUNK, max(1, self.wallets // 10))


@dataclass(frozen=True)
class Turn:
    """One side's turn: lots granted, seconds, and those of the sweep after it, which finds nothing to do.

    CPU-seconds are those of the side's process and of PostgreSQL, without the second sweep.
    """

    pair: int
    side: str
    granted: int
    seconds: float
    again_seconds: float
    cpu_seconds: float
    postgres_cpu_seconds: float


def measure(place: Place, crowd: Crowd) -> Outcome:
    """(f) Seconds of the sweep, site ÷ bare. Raises: BenchmarkFailed where the rows are not as they must be."""
    with ExitStack() as stack:
        url = stack.enter_context(services.postgres_database(place.database_url))
        own = replace(place, database_url=url)
        own.manage("migrate")
        connection = stack.enter_context(psycopg.connect(url, autocommit=True))
        _populate(connection, crowd)
        sides = {
            side: stack.enter_context(
                Child("benchmarks.grant_sides", own.environment(), place.log(f"grants-{side}"), side)
            )
            for side in ("site", "bare")
        }
        for child in sides.values():
            child.hear()
        server = cpu.postgres_server(connection)
        for side, child in sides.items():
            _take(child, _WARMING, side, connection, server)
        turns = [_take(sides[side], pair, side, connection, server) for pair, side in in_turn(crowd.turns)]
        _prove(connection, crowd)
    return outcome_of(turns, crowd)


def _populate(connection: "psycopg.Connection[Any]", crowd: Crowd) -> None:
    values = {
        "wallets": crowd.wallets + crowd.warming,
        "warming": crowd.warming,
        "slices": crowd.turns,
        "zones": list(_ZONES),
        "count": len(_ZONES),
        "joined": datetime(2030, 2, 1, tzinfo=UTC),
        "first_on": _FIRST_ON,
        "first_at": _due_at(0),
    }
    for statement in (_PEOPLE, _WALLETS, _LOTS, _ENTRIES):
        connection.execute(statement, values)
    for table in _TABLES:
        connection.execute(f"CREATE TABLE bare_{table} (LIKE billing_{table} INCLUDING ALL)")
        connection.execute(f"INSERT INTO bare_{table} OVERRIDING SYSTEM VALUE SELECT * FROM billing_{table}")
    connection.execute("SELECT setval(pg_get_serial_sequence('bare_ledgerentry', 'id'), %s)", [values["wallets"]])
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


def _take(child: Child, pair: int, side: str, connection: "psycopg.Connection[Any]", server: psutil.Process) -> Turn:
    at = _due_at(pair)
    question = {"now": at.isoformat(), "next_on": str(_next_on(pair)), "next_at": (at + timedelta(days=31)).isoformat()}
    earlier = cpu.read({side: [child.process]}, server)
    first = child.ask(_PATIENCE_SECONDS, **question)
    spent = cpu.read({side: [child.process]}, server).since(earlier)
    before = _count(connection)
    again = child.ask(_PATIENCE_SECONDS, **question)
    if again["granted"] or _count(connection) != before:
        raise BenchmarkFailed(f"a second sweep on the {side} side granted {again['granted']} lots again")
    return Turn(pair, side, first["granted"], first["seconds"], again["seconds"], spent.site, spent.postgres)


def _prove(connection: "psycopg.Connection[Any]", crowd: Crowd) -> None:
    """Every wallet of both sides has its cycle's lot once and a balance that is what its lots and its lines make."""
    for prefix in ("billing", "bare"):
        row = connection.execute(
            f"""
            SELECT count(*), count(*) FILTER (WHERE wallet.balance = lots.remaining
                AND wallet.balance = lines.delta AND lots.number = 2 AND lines.number = 3)
            FROM {prefix}_wallet wallet
            JOIN (SELECT wallet_id, sum(remaining) AS remaining, count(*) AS number FROM {prefix}_creditlot GROUP BY 1)
                AS lots ON lots.wallet_id = wallet.id
            JOIN (SELECT wallet_id, sum(delta) AS delta, count(*) AS number FROM {prefix}_ledgerentry GROUP BY 1)
                AS lines ON lines.wallet_id = wallet.id
            """
        ).fetchone()
        wallets = crowd.wallets + crowd.warming
        if row != (wallets, wallets):
            raise BenchmarkFailed(f"of {wallets} wallets of the {prefix} tables, (found, right) are {row}")


def outcome_of(turns: list[Turn], crowd: Crowd) -> Outcome:
    """Return what the turns say, each figure beside its bound."""
    site, bare = ([turn for turn in turns if turn.side == side] for side in ("site", "bare"))
    ratios = ratios_of(site, bare, lambda turn: turn.seconds)
    agains = [turn.again_seconds / turn.seconds for turn in site]
    again = max(agains)
    # As shares of their bounds, so that one figure is judged: above 1 falls short. The worst second sweep counts.
    shares = [max(first / SWEEP_AT_MOST, second / AGAIN_AT_MOST) for first, second in zip(ratios, agains, strict=True)]
    judged = max(Spread.of(ratios).median / SWEEP_AT_MOST, again / AGAIN_AT_MOST)
    details = {
        "crowd": asdict(crowd),
        "chunk": CHUNK,
        "turns": [asdict(turn) for turn in turns],
        "ratio": asdict(Spread.of(ratios)),
        "again": again,
    }
    lines = [
        f"of raw SQL in the same chunks, seconds: {Spread.of(ratios)} (bound at most {SWEEP_AT_MOST:g})",
        *(_line(name, side) for name, side in (("site", site), ("bare", bare))),
        f"a second sweep: no row, at most {again:.4f} of the first (bound {AGAIN_AT_MOST})",
    ]
    sides = {"site": _figures(site), "bare": _figures(bare)}
    title = f"monthly grants of {crowd.wallets:,} wallets ÷ raw SQL, and a second sweep, as shares of their bounds"
    parts = [
        Part.of("seconds ÷ raw SQL in the same chunks", Bound(SWEEP_AT_MOST, is_ceiling=True), ratios),
        Part("a second sweep ÷ the first, the worst", Bound(AGAIN_AT_MOST, is_ceiling=True), agains, again),
    ]
    bound, is_small = Bound(1.0, is_ceiling=True), is_smaller(crowd, Crowd())
    return Outcome("f", title, bound, shares, judged, lines, details, parts, sides, is_small=is_small)


def _line(name: str, turns: list[Turn]) -> str:
    wallets, seconds, spent, server = (
        sum(getattr(turn, figure) for turn in turns)
        for figure in ("granted", "seconds", "cpu_seconds", "postgres_cpu_seconds")
    )
    return f"{name}: {wallets:,} wallets in {seconds:.1f} s; CPU {spent:.1f} s, PostgreSQL {server:.1f} s beside"


def _figures(turns: list[Turn]) -> dict[str, float | None]:
    """Return a side's medians of a turn."""
    figures = {"seconds": "wall, s", "cpu_seconds": "CPU, s", "postgres_cpu_seconds": "CPU of PostgreSQL, s"}
    return {words: Spread.of([getattr(turn, name) for turn in turns]).median for name, words in figures.items()}


def _due_at(turn: int) -> datetime:
    return datetime(_FIRST_ON.year, _FIRST_ON.month, _FIRST_ON.day, tzinfo=UTC) + timedelta(days=turn)


def _next_on(turn: int) -> date:
    return _FIRST_ON.replace(month=_FIRST_ON.month + 1) + timedelta(days=turn)


def _count(connection: "psycopg.Connection[Any]") -> tuple[int, ...]:
    row = connection.execute(
        "SELECT (SELECT count(*) FROM billing_creditlot), (SELECT count(*) FROM billing_ledgerentry),"
        " (SELECT count(*) FROM bare_creditlot), (SELECT count(*) FROM bare_ledgerentry)"
    ).fetchone()
    assert row is not None
    return tuple(row)
