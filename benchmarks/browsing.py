"""(e) A library of 25,000 pictures among many of others' and among few: pages, search and filters through Django.

Two databases on one server hold the same person with the same pictures, a script's work; beside them lie few pictures
of other people in one and very many in the other. A process for each asks for pages in turn, one kind of page after the
other; beside each pair a third fetches the same rows from the large one by bare SQL, which is told and not judged.
"""

import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import Any

import psutil
import psycopg

from benchmarks import cpu
from benchmarks.bare_pages import SIZE
from benchmarks.children import Child
from benchmarks.comparison import Bound, Outcome, Part, Spread, is_smaller, orders, percentile, ratios_of
from benchmarks.errors import BenchmarkFailed
from benchmarks.library_rows import DEEP_PAGE, RARE, RARE_MODEL, SAVED_SEARCH, SELDOM, TAGS, Library, populate
from benchmarks.site import Place
from tests import services

QUERIES_AT_MOST = 4
AT_MOST = 1.3
_FORBIDDEN = (" OFFSET ", "COUNT(")
_PATIENCE_SECONDS = 1800.0
_WORDS_PROVED = 300

# Milliseconds of each address, by kind of page.
Times = dict[str, list[list[float]]]


@dataclass(frozen=True)
class Shelf:
    """How many pictures the person has, how many others have in the small database and in the large one."""

    own: int = 25_000
    few: int = 10_000
    many: int = 1_000_000
    samples: int = 40
    turns: int = 7


@dataclass(frozen=True)
class Turn:
    """One side's turn: `site` is the one among many, `bare` the one among few, `sql` the statements in the large one.

    `cpu_ms` and `postgres_cpu_ms` are those of a page, by its kind.
    """

    pair: int
    side: str
    times: Times
    cpu_ms: dict[str, float]
    postgres_cpu_ms: dict[str, float]


def addresses_of(library: Library) -> dict[str, list[str]]:
    """Return the addresses of each kind of page: together they ask by every field of the library's form."""
    folder, model = f"folder={library.folder}", f"model={library.model}"
    queries = {
        "first page": [""],
        "page 1,000": [f"before={library.deep}"],
        "search": [
            *("q=fox", "q=fox+snow", "q=%22fox+owl%22", "q=foxes", "q=li", "q=mirror", "q=-fox", f"q=fox+OR+{RARE}"),
            *(f"q={SELDOM}", f"q={RARE}", "q=zebra", "q=night"),
        ],
        "filter": [
            *("task=text-to-image", "task=upscale", "model=starter", f"model={RARE_MODEL}", model),
            *("shape=wide", "shape=square", "shape=tall", "size=128x160", "seed=12345"),
            *("after=2024-08-01", "until=2023-12-01", "after=2024-01-01&until=2024-01-31"),
            *(folder, "folder=none", "rating=5", "favourite=yes", "rating=5&favourite=yes"),
            *("parent=yes", "parent=no", f"tag={TAGS[1]}", f"tag={TAGS[-1]}"),
        ],
        "search and filter": [
            *("q=fox&task=upscale", f"q=fox&{folder}", f"q={RARE}&{folder}", "q=fox&parent=yes&shape=wide"),
            *(f"q=fox&tag={TAGS[-1]}", f"q=fox&model={RARE_MODEL}", f"q={SELDOM}&favourite=yes"),
        ],
        "saved search": [SAVED_SEARCH],
    }
    return {kind: [f"/library/?{query}".rstrip("?") for query in asked] for kind, asked in queries.items()}


def measure(place: Place, shelf: Shelf) -> Outcome:
    """(e) p95 among many ÷ p95 among few, the worst kind of page. Raises: BenchmarkFailed."""
    with ExitStack() as stack:
        children: dict[str, Child] = {}
        addresses: dict[str, dict[str, list[str]]] = {}
        for side, others in (("site", shelf.many), ("bare", shelf.few)):
            url = stack.enter_context(services.postgres_database(place.database_url))
            own = replace(place, database_url=url)
            own.manage("migrate")
            with psycopg.connect(url, autocommit=True) as connection:
                library = populate(connection, shelf.own, others)
            addresses[side] = addresses_of(library)
            log = place.log(f"library-{others}")
            children[side] = stack.enter_context(Child("benchmarks.browse_sides", own.environment(), log, "site"))
            if side == "site":
                environment = own.environment(BENCH_PERSON=library.person)
                children["sql"] = stack.enter_context(Child("benchmarks.browse_sides", environment, log, "bare"))
        addresses["sql"] = addresses["site"]
        for child in children.values():
            child.hear(_PATIENCE_SECONDS)
        shown = _prove(children, addresses, shelf)
        server = cpu.postgres_server(stack.enter_context(psycopg.connect(place.database_url, autocommit=True)))
        turns = [
            turn
            for pair, order in orders(shelf.turns, ("site", "bare", "sql"))
            for turn in _take(pair, order, children, addresses, shelf, server)
        ]
    return _outcome(turns, addresses["site"], shown, shelf)


def _prove(
    children: Mapping[str, Child], addresses: Mapping[str, Mapping[str, list[str]]], shelf: Shelf
) -> dict[str, int]:
    """Make sure that all sides show the same pictures, by few queries and an index of words as the product's.

    Returns how many pictures each address shows.
    """
    looks: dict[str, list[dict[str, Any]]] = {}
    for side, child in children.items():
        asked = list(chain(*addresses[side].values()))
        looks[side] = child.ask(_PATIENCE_SECONDS, task="look", addresses=asked)["looks"]
        for address, look in zip(asked, looks[side], strict=True):
            if look["queries"] > QUERIES_AT_MOST:
                raise BenchmarkFailed(f"{address} takes {look['queries']} queries; {QUERIES_AT_MOST} are the most")
            if found := [word for word in _FORBIDDEN if word in look["sql"].upper()]:
                raise BenchmarkFailed(f"the queries of {address} have{found}")
    for side in ("site", "bare"):
        if wrong := children[side].ask(_PATIENCE_SECONDS, task="prove", samples=_WORDS_PROVED)["wrong"]:
            raise BenchmarkFailed(f"{wrong} of {_WORDS_PROVED} pictures have other words than the product writes")
    asked = list(chain(*addresses["site"].values()))
    for place, address in enumerate(asked):
        large, small, sql = (looks[side][place]["seeds"] for side in ("site", "bare", "sql"))
        if not large == small == sql:
            raise BenchmarkFailed(f"{address} shows {large} among many, {small} among few, and by SQL {sql}")
    shown = {address: len(look["seeds"]) for address, look in zip(asked, looks["site"], strict=True)}
    full, deep = (shown[addresses["site"][kind][0]] for kind in ("first page", "page 1,000"))
    if (full, deep) != (min(SIZE, shelf.own), DEEP_PAGE):
        raise BenchmarkFailed(f"the first page shows {full} pictures and page 1,000 {deep}, not {SIZE} and {DEEP_PAGE}")
    return shown


def _take(
    pair: int,
    order: Sequence[str],
    children: Mapping[str, Child],
    addresses: Mapping[str, Mapping[str, list[str]]],
    shelf: Shelf,
    server: psutil.Process,
) -> list[Turn]:
    """Have the sides open one kind of page after the other, each at least so many; returns their turns."""
    turns = [Turn(pair, side, {}, {}, {}) for side in order]
    for kind in addresses["site"]:
        for turn in turns:
            child, asked = children[turn.side], addresses[turn.side][kind]
            rounds = math.ceil(shelf.samples / len(asked))
            child.ask(_PATIENCE_SECONDS, task="open", addresses=asked, rounds=1)  # warm: others have pushed it out
            before = cpu.read({turn.side: [child.process]}, server)
            answer = child.ask(_PATIENCE_SECONDS, task="open", addresses=asked, rounds=rounds)
            spent = cpu.read({turn.side: [child.process]}, server).since(before)
            pages = rounds * len(asked)
            turn.times[kind] = answer["milliseconds"]
            turn.cpu_ms[kind], turn.postgres_cpu_ms[kind] = 1000 * spent.site / pages, 1000 * spent.postgres / pages
    return turns


def _outcome(
    turns: Sequence[Turn], addresses: Mapping[str, list[str]], shown: Mapping[str, int], shelf: Shelf
) -> Outcome:
    many, few, sql = ([turn for turn in turns if turn.side == side] for side in ("site", "bare", "sql"))
    judged = [_judged(kind, many, few) for kind in addresses]
    told = [_told(kind, many, sql) for kind in addresses]
    sides = {side: _figures(found) for side, found in (("site", many), ("bare", few), ("sql", sql))}
    worst = [max(part.ratios[pair] for part in judged) for pair in range(len(many))]
    by_address = _by_address(addresses, shown, {"many": many, "few": few, "sql": sql})
    slowest = max(by_address, key=lambda address: by_address[address]["many"] / by_address[address]["few"])
    lines = [
        *(_line(part, of_sql, sides, shelf) for part, of_sql in zip(judged, told, strict=True)),
        f"the slowest address beside the small database, by medians: {slowest} {by_address[slowest]}",
    ]
    details = {
        "shelf": asdict(shelf),
        "by_kind": {part.title: part.judged for part in judged},
        "by_address": by_address,
        "turns": [asdict(turn) for turn in turns],
    }
    title = f"library of {shelf.own:,} pictures, p95 of pages among {shelf.many:,} of others ÷ among {shelf.few:,}"
    bound = Bound(AT_MOST, is_ceiling=True)
    most, is_small = max(part.judged for part in judged), is_smaller(shelf, Shelf())
    return Outcome("e", title, bound, worst, most, lines, details, judged + told, sides, is_small=is_small)


def _judged(kind: str, many: Sequence[Turn], few: Sequence[Turn]) -> Part:
    """Return a kind's p95 among many ÷ among few: by pairs, and judged of all pages together."""
    pairs = ratios_of(many, few, lambda turn: _percentile([turn], kind, 95))
    return Part(kind, Bound(AT_MOST, is_ceiling=True), pairs, _percentile(many, kind, 95) / _percentile(few, kind, 95))


def _told(kind: str, many: Sequence[Turn], sql: Sequence[Turn]) -> Part:
    return Part.of(f"{kind} ÷ bare SQL, p50", None, ratios_of(many, sql, lambda turn: _percentile([turn], kind, 50)))


def _figures(turns: Sequence[Turn]) -> dict[str, float | None]:
    """Return a side's absolute figures, by kind of page."""
    found: dict[str, float | None] = {}
    for kind in turns[0].times:
        found |= {f"{kind}, {percent}, ms": _percentile(turns, kind, int(percent[1:])) for percent in ("p50", "p95")}
        found[f"{kind}, CPU-ms of its process"] = Spread.of([turn.cpu_ms[kind] for turn in turns]).median
        found[f"{kind}, CPU-ms of PostgreSQL"] = Spread.of([turn.postgres_cpu_ms[kind] for turn in turns]).median
    return found


def _line(part: Part, of_sql: Part, sides: Mapping[str, Mapping[str, float | None]], shelf: Shelf) -> str:
    kind = part.title

    def figures(side: str) -> str:
        found = sides[side]
        of_all = [found[f"{kind}, {figure}"] or 0 for figure in ("p95, ms", "p50, ms", "CPU-ms of its process",
                                                                 "CPU-ms of PostgreSQL")]  # fmt: skip
        return "p95 {:.1f}, p50 {:.1f} ms, CPU {:.1f} + PostgreSQL {:.1f} ms".format(*of_all)

    return (
        f"{kind}: × {part.judged:.3f} (pairs {Spread.of(part.ratios)}): among {shelf.many:,} {figures('site')};"
        f" among {shelf.few:,} {figures('bare')}; bare SQL {figures('sql')}, p50 × {Spread.of(of_sql.ratios)}"
    )


def _by_address(
    addresses: Mapping[str, list[str]], shown: Mapping[str, int], sides: Mapping[str, Sequence[Turn]]
) -> dict[str, dict[str, float]]:
    """Return each address's median milliseconds on each side, and how many pictures it shows."""
    return {
        address: {
            "shown": shown[address],
            **{side: percentile([time for turn in turns for time in turn.times[kind][place]], 50)
               for side, turns in sides.items()},
        }
        for kind, asked in addresses.items()
        for place, address in enumerate(asked)
    }  # fmt: skip


def _percentile(turns: Sequence[Turn], kind: str, percent: int) -> float:
    return percentile([time for turn in turns for times in turn.times[kind] for time in times], percent)
