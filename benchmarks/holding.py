"""Benchmark (g): holds with their settlements a second, on one hot wallet and on many, against raw SQL; and balances.

Two processes of four threads a side take turns. The bare side's transactions are three statements each, on copies of
the ledger's tables with the same indexes. In the end every wallet of both sides is counted.
"""

from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import Any

import psutil
import psycopg

from benchmarks import cpu
from benchmarks.children import Child
from benchmarks.comparison import Bound, Outcome, Part, Side, Spread, in_turn, is_smaller, percentile
from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place
from tests import services

HOT_AT_LEAST = 0.3
MANY_AT_LEAST = 1.5
BALANCE_AT_MOST = 1.1
PROCESSES = 2
_CREDITS = 1_000_000_000
_SHORT_HISTORY = 100
_BALANCE_SAMPLES = 200
_PATIENCE_SECONDS = 600.0
_TABLES = ("wallet", "credithold", "ledgerentry")

# Wallet 1 is the hot one; the last two are only read, one with few lines and one with very many. A person's id is
# that of the wallet.
_PEOPLE = """
    INSERT INTO accounts_user
        (id, email, password, display_name, device, time_zone, is_active, is_staff, is_superuser, date_joined)
    SELECT lpad(to_hex(number), 32, '0')::uuid, 'till' || number || '@example.com', '', '', '', 'UTC', true, false,
        false, now()
    FROM generate_series(1, %(wallets)s + 2) AS number
"""
_WALLETS = """
    INSERT INTO billing_wallet
        (id, user_id, product, balance, cycle_day, next_cycle_on, plan_id, calendar_version, created_at)
    SELECT id, id, 'site', %(credits)s, 1, '2030-01-01', 'free', 1, now()
    FROM accounts_user WHERE email LIKE 'till%%'
"""
_LOTS = """
    INSERT INTO billing_creditlot (id, wallet_id, source, credits, remaining, expired, created_at)
    SELECT id, id, 'admin', balance, balance, 0, created_at FROM billing_wallet WHERE balance = %(credits)s
"""
_GRANTS = """
    INSERT INTO billing_ledgerentry
        (wallet_id, lot_id, kind, credits, delta, balance_after, reason, reference, key, created_at)
    SELECT wallet_id, id, 'grant', credits, credits, credits, 'Benchmark', '', 'bench:' || id, created_at
    FROM billing_creditlot WHERE credits = %(credits)s
"""
# Adjustments up and down by one: lines of the kinds that a long life leaves, and the balance as it was.
_HISTORY = """
    INSERT INTO billing_ledgerentry
        (wallet_id, lot_id, kind, credits, delta, balance_after, reason, reference, key, created_at)
    SELECT id, id, 'adjust', moved, moved, %(credits)s - line %% 2, 'Benchmark', '', 'line:' || id || line, now()
    FROM (SELECT lpad(to_hex(%(wallet)s::bigint), 32, '0')::uuid AS id) AS wallet,
        (SELECT line, CASE WHEN line %% 2 = 0 THEN 1 ELSE -1 END AS moved FROM generate_series(1, %(lines)s) AS line)
            AS history
"""


@dataclass(frozen=True)
class Till:
    """How many wallets there are, how long each turn takes, and how long the longest history is."""

    wallets: int = 10_000
    seconds: int = 4
    lines: int = 1_000_000
    turns: int = 7


@dataclass(frozen=True)
class Turn:
    """One side's turn: pairs of hold and settlement a second, all on one wallet and spread over many.

    `first`: which of both came first. `done`: pairs, both together. CPU-milliseconds are those of a pair: of the
    side's processes, and of PostgreSQL.
    """

    pair: int
    side: str
    first: str
    done: int
    hot: float
    many: float
    hot_cpu_ms: float
    hot_postgres_cpu_ms: float
    many_cpu_ms: float
    many_postgres_cpu_ms: float


@dataclass(frozen=True)
class Rush:
    """What a side's processes did at once: pairs, how many a second, and the CPU-milliseconds of each."""

    done: int
    rate: float
    cpu_ms: float
    postgres_cpu_ms: float


def measure(place: Place, till: Till) -> Outcome:
    """(g) Each figure as a share of its bound, the worst. Raises: BenchmarkFailed where the books are not right."""
    with ExitStack() as stack:
        url = stack.enter_context(services.postgres_database(place.database_url))
        own = replace(place, database_url=url)
        own.manage("migrate")
        connection = stack.enter_context(psycopg.connect(url, autocommit=True))
        _populate(connection, till)
        sides: dict[Side, list[Child]] = {
            side: [
                stack.enter_context(
                    Child("benchmarks.hold_sides", own.environment(), place.log(f"holds-{side}-{number}"), side)
                )
                for number in range(PROCESSES)
            ]
            for side in ("site", "bare")
        }
        for child in (child for children in sides.values() for child in children):
            child.hear()
        server = cpu.postgres_server(connection)
        done: dict[Side, int] = {"site": 0, "bare": 0}
        for side, children in sides.items():  # warm: connections, prepared statements, pages in memory
            done[side] += _rush(children, till, 1.0, server, is_hot=False).done
        turns = []
        for pair, side in in_turn(till.turns):
            turns.append(_turn(pair, side, sides[side], till, server))
            done[side] += turns[-1].done
        _prove(connection, till, done)
        balances = _read_balances(connection, sides["site"][0], till)
    return outcome_of(turns, balances, till)


def _populate(connection: "psycopg.Connection[Any]", till: Till) -> None:
    values = {"wallets": till.wallets, "credits": _CREDITS}
    for statement in (_PEOPLE, _WALLETS, _LOTS, _GRANTS):
        connection.execute(statement, values)
    for table in _TABLES:
        connection.execute(f"CREATE TABLE bare_{table} (LIKE billing_{table} INCLUDING ALL)")
        connection.execute(f"INSERT INTO bare_{table} OVERRIDING SYSTEM VALUE SELECT * FROM billing_{table}")
    connection.execute("SELECT setval(pg_get_serial_sequence('bare_ledgerentry', 'id'), %s)", [till.wallets + 2])
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


def _turn(pair: int, side: Side, children: list[Child], till: Till, server: psutil.Process) -> Turn:
    """Let a side have both halves of its turn, in the other order than in the pair before."""
    order = ("hot", "many") if pair % 2 == 0 else ("many", "hot")
    took = {half: _rush(children, till, till.seconds, server, is_hot=half == "hot") for half in order}
    hot, many = took["hot"], took["many"]
    spent = hot.cpu_ms, hot.postgres_cpu_ms, many.cpu_ms, many.postgres_cpu_ms
    return Turn(pair, side, order[0], hot.done + many.done, hot.rate, many.rate, *spent)


def _rush(children: list[Child], till: Till, seconds: float, server: psutil.Process, *, is_hot: bool) -> Rush:
    """Have a side's processes work at once."""
    parts = {"processes": [child.process for child in children]}
    before = cpu.read(parts, server)
    for child in children:
        child.tell(task="rush", seconds=seconds, wallets=1 if is_hot else till.wallets)
    answers = [child.hear(_PATIENCE_SECONDS) for child in children]
    spent = cpu.read(parts, server).since(before)
    done = sum(answer["done"] for answer in answers)
    rate = done / max(answer["seconds"] for answer in answers)
    return Rush(done, rate, 1000 * spent.site / done, 1000 * spent.postgres / done)


def _prove(connection: "psycopg.Connection[Any]", till: Till, done: dict[Side, int]) -> None:
    """Each pair is one hold and two lines, and every balance is what its lines make; ours, what its lots have, too."""
    prefixes: dict[Side, str] = {"site": "billing", "bare": "bare"}
    for side, prefix in prefixes.items():
        counted = connection.execute(
            f"""
            SELECT count(*), count(*) FILTER (WHERE wallet.balance = lines.delta), sum(lines.payments)
            FROM {prefix}_wallet wallet
            JOIN (
                SELECT wallet_id, sum(delta) AS delta, count(*) FILTER (WHERE kind IN ('hold', 'settle')) AS payments
                FROM {prefix}_ledgerentry GROUP BY 1
            ) AS lines ON lines.wallet_id = wallet.id
            """
        ).fetchone()
        holds = connection.execute(
            f"SELECT count(*), count(*) FILTER (WHERE settled = 1) FROM {prefix}_credithold"
        ).fetchone()
        wallets, asked = till.wallets + 2, done[side]
        if (counted, holds) != ((wallets, wallets, 2 * asked), (asked, asked)):
            raise BenchmarkFailed(
                f"{prefix}: after {asked} pairs on {wallets} wallets, (wallets, right ones, lines) are {counted} and"
                f" (holds, settled ones) {holds}"
            )
    row = connection.execute(
        "SELECT count(*) FROM billing_wallet wallet JOIN billing_creditlot lot ON lot.wallet_id = wallet.id"
        " WHERE wallet.balance <> lot.remaining"
    ).fetchone()
    if row != (0,):
        raise BenchmarkFailed(f"{row} wallets do not have what their lots have")


def _read_balances(connection: "psycopg.Connection[Any]", child: Child, till: Till) -> dict[str, list[float]]:
    """Return the milliseconds of reading a balance after few lines and after very many, in turn."""
    histories = {"short": (till.wallets + 1, _SHORT_HISTORY), "long": (till.wallets + 2, till.lines)}
    for wallet, lines in histories.values():
        connection.execute(_HISTORY, {"wallet": wallet, "lines": lines, "credits": _CREDITS})
    connection.execute("VACUUM ANALYZE billing_ledgerentry")
    found: dict[str, list[float]] = {name: [] for name in histories}
    for name in ("short", "long") + ("short", "long", "long", "short") * till.turns:
        times = child.ask(_PATIENCE_SECONDS, task="balance", wallet=histories[name][0], samples=_BALANCE_SAMPLES)
        found[name].append(percentile(times["milliseconds"], 50))
    return {name: medians[1:] for name, medians in found.items()}  # the first is for warming


def outcome_of(turns: list[Turn], balances: dict[str, list[float]], till: Till) -> Outcome:
    """Return what the turns say, each figure beside its bound."""
    site, bare = (
        sorted((turn for turn in turns if turn.side == side), key=lambda turn: turn.pair) for side in ("site", "bare")
    )
    hot = [left.hot / right.hot for left, right in zip(site, bare, strict=True)]
    many = [turn.many / turn.hot for turn in site]
    balance = [long / short for long, short in zip(balances["long"], balances["short"], strict=True)]
    # As shares of their bounds, so that one figure is judged: above 1 falls short.
    shares = [
        max(HOT_AT_LEAST / first, MANY_AT_LEAST / second, third / BALANCE_AT_MOST)
        for first, second, third in zip(hot, many, balance[::2], strict=True)
    ]
    judged = max(
        HOT_AT_LEAST / Spread.of(hot).median,
        MANY_AT_LEAST / Spread.of(many).median,
        Spread.of(balance).median / BALANCE_AT_MOST,
    )
    lines = [
        f"one hot wallet, site ÷ bare: {Spread.of(hot)}; at least {HOT_AT_LEAST} is asked",
        f"{till.wallets:,} wallets ÷ the hot one, site: {Spread.of(many)}; at least {MANY_AT_LEAST} is asked",
        f"balance after {till.lines:,} lines ÷ after {_SHORT_HISTORY}: {Spread.of(balance)};"
        f" at most {BALANCE_AT_MOST} is asked",
        *(_line(name, side) for name, side in (("site", site), ("bare", bare))),
        f"a balance: {Spread.of(balances['short']).median:.3f} ms, and {Spread.of(balances['long']).median:.3f} ms",
    ]
    details = {
        "till": asdict(till),
        "turns": [asdict(turn) for turn in turns],
        "hot": asdict(Spread.of(hot)),
        "many": asdict(Spread.of(many)),
        "balance": asdict(Spread.of(balance)),
    }
    title = "hold and settle, the worst of three figures as a share of its bound"
    parts = [
        Part.of("one hot wallet, pairs a second ÷ raw SQL", Bound(HOT_AT_LEAST, is_ceiling=False), hot),
        Part.of("many wallets ÷ the hot one, pairs a second", Bound(MANY_AT_LEAST, is_ceiling=False), many),
        Part.of("a balance after the long history ÷ the short", Bound(BALANCE_AT_MOST, is_ceiling=True), balance),
    ]
    sides = {"site": _figures(site), "bare": _figures(bare)}
    bound, is_small = Bound(1.0, is_ceiling=True), is_smaller(till, Till())
    return Outcome("g", title, bound, shares, judged, lines, details, parts, sides, is_small=is_small)


def _line(name: str, turns: list[Turn]) -> str:
    found = _figures(turns)
    return f"{name}, medians: " + ", ".join(f"{words} {figure:,.1f}" for words, figure in found.items())


def _figures(turns: list[Turn]) -> dict[str, float | None]:
    figures = {
        "hot": "one wallet, pairs a second",
        "hot_cpu_ms": "one wallet, CPU-ms of a pair",
        "hot_postgres_cpu_ms": "one wallet, CPU-ms of PostgreSQL",
        "many": "many wallets, pairs a second",
        "many_cpu_ms": "many wallets, CPU-ms of a pair",
        "many_postgres_cpu_ms": "many wallets, CPU-ms of PostgreSQL",
    }
    return {words: Spread.of([getattr(turn, name) for turn in turns]).median for name, words in figures.items()}
