"""Benchmarks (a) and (b): runs from the button to the shelf, against a bare loop over the same pipeline.

Beside (a) stands stock django-q2, which draws the same pictures with the same loop.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.children import Child
from benchmarks.comparison import Bound, Outcome, Part, Spread, is_smaller, orders, ratios_of
from benchmarks.lone import take_lone_turns
from benchmarks.site import Place, serving
from benchmarks.stock_side import Stock, serving_stock
from benchmarks.turns import (
    Load,
    Pixels,
    Round,
    SiteSide,
    absolute,
    compare,
    drawing_of,
    middle,
    others_line,
    send_all,
    sides_of,
    warming_wishes,
    wishes_of,
)
from benchmarks.visitors import Wish, rich_visitors
from benchmarks.witness import Finished, Witness

_LOOK_SECONDS = 0.02
_BATCH = 8
_BATCHED, _ALONE = Bound(0.97, is_ceiling=False), Bound(1.02, is_ceiling=True)


def measure_single(place: Place, load: Load) -> Outcome:
    """(a) One picture at a time: wall time, site ÷ bare."""
    with serving_stock(place, "batch-1") as stock:
        rounds = _run(place, load, batch=1, stock=stock)
    site, bare = sides_of(rounds, "site", "bare")
    ratios = ratios_of(site, bare, lambda turn: turn.wall_seconds)
    title = f"{load.jobs} runs from POST to stored ÷ bare loop, wall time"
    lines, details = _figures(rounds, load)
    bound = Bound(1.05, is_ceiling=True)
    parts = [Part.of("wall time ÷ the bare loop", bound, ratios), *_stock_part(rounds)]
    judged, sides = Spread.of(ratios).median, absolute(rounds, "site", "bare", "stock")
    is_small = is_smaller(load, Load())
    return Outcome("a", title, bound, ratios, judged, lines, details, parts, sides, is_small=is_small)


def measure_batched(place: Place, load: Load) -> Outcome:
    """(b) Eight at a time: images a second, site ÷ bare; and somebody alone, batching on ÷ off. The worse is judged."""
    rounds = _run(place, load, batch=_BATCH)
    site, bare = sides_of(rounds, "site", "bare")
    of_bare = ratios_of(site, bare, lambda turn: turn.images_per_second)
    lines, details = _figures(rounds, load)
    alone = take_lone_turns(place, load, _BATCH)
    on, off = sides_of(alone, "site", "bare")
    of_off = ratios_of(on, off, lambda turn: turn.wall_seconds)
    walls = [middle(side, lambda turn: turn.wall_seconds / turn.images) for side in (on, off)]
    lines = [
        f"of the bare batched loop, images a second: {Spread.of(of_bare)}, bound {_BATCHED}",
        *lines,
        f"somebody alone, batching on ÷ off, wall time: {Spread.of(of_off)}, bound {_ALONE}",
        f"a picture of somebody alone (median): {walls[0]:.3f} s on, {walls[1]:.3f} s off; {others_line(alone)}",
    ]
    details |= {
        "of_bare": asdict(Spread.of(of_bare)),
        "alone": {"ratio": asdict(Spread.of(of_off)), "rounds": [asdict(turn) for turn in alone]},
    }
    shares = [max(_BATCHED.value / one, other / _ALONE.value) for one, other in zip(of_bare, of_off, strict=True)]
    judged = max(_BATCHED.value / Spread.of(of_bare).median, Spread.of(of_off).median / _ALONE.value)
    title = f"{load.jobs} runs in batches of {_BATCH} ÷ bare loop, and somebody alone, as shares of their bounds"
    parts = [
        Part.of("images a second ÷ the bare batched loop", _BATCHED, of_bare),
        Part.of("somebody alone, wall time, batching on ÷ off", _ALONE, of_off),
    ]
    by_side = absolute(alone, "site", "bare")
    sides = absolute(rounds, "site", "bare")
    sides |= {"alone, batching on": by_side["site"], "alone, off": by_side["bare"]}
    bound, is_small = Bound(1.0, is_ceiling=True), is_smaller(load, Load())
    return Outcome("b", title, bound, shares, judged, lines, details, parts, sides, is_small=is_small)


@dataclass(frozen=True)
class _Contest:
    """The sides, ready: a site that serves, a bare loop with its model in memory, and stock django-q2 beside."""

    load: Load
    batch: int
    side: SiteSide
    bare: Child
    stock: Stock | None
    scratch: Path

    def warm(self) -> None:
        """Have every thread, connection and batch size been through it once."""
        wishes = warming_wishes(self.load, self.batch)
        self.side.warm(wishes)
        self.bare.ask(**drawing_of(wishes, self.batch))
        if self.stock:
            self._stock_turn(self.stock, -1, wishes)

    def take_turns(self) -> list[Round]:
        """Let the sides draw the same pictures, pair by pair, and make sure that they did."""
        sides = ("site", "bare", "stock") if self.stock else ("site", "bare")
        return [turn for pair, order in orders(self.load.pairs, sides) for turn in self._pair(pair, order)]

    def _pair(self, pair: int, order: Sequence[str]) -> list[Round]:
        wishes = wishes_of(self.load, pair)
        rounds = []
        finished: list[Finished] = []
        pictures: list[Pixels] = []
        for side in order:
            if side == "site":
                turn, finished = self.side.take_turn(pair, wishes)
            elif side == "stock" and self.stock:
                turn, pictures = self._stock_turn(self.stock, pair, wishes)
            else:
                turn = self._bare_turn(pair, wishes)
            rounds.append(_announced(turn))
        compare(finished, self._drawn_bare(), "the bare loop")
        if self.stock:
            compare(finished, pictures, "stock django-q2")
        return rounds

    def _bare_turn(self, pair: int, wishes: Sequence[Wish]) -> Round:
        before = self.side.read_cpu()
        answer = self.bare.ask(**drawing_of(wishes, self.batch))
        spent = self.side.read_cpu().since(before)
        wall, cpu_seconds, images = answer["wall_seconds"], answer["cpu_seconds"], answer["images"]
        # Whatever the site's idle processes spend meanwhile is noise to the bare loop.
        return Round(pair, "bare", wall, cpu_seconds, images, {}, 0.0, 0.0, max(0.0, spent.machine - cpu_seconds))

    def _drawn_bare(self) -> list[Pixels]:
        path = self.scratch / "bare.npz"
        self.bare.ask(save=str(path))
        with np.load(path) as arrays:
            return [arrays[name] for name in arrays.files]

    def _stock_turn(self, stock: Stock, pair: int, wishes: Sequence[Wish]) -> tuple[Round, list[Pixels]]:
        before = self.side.read_cpu(stock.parts())
        started = time.perf_counter()
        sent = send_all([partial(stock.send, "draw")] * self.load.visitors, wishes)
        run_ids = [run.run_id for run in sent]
        stock.wait(run_ids, _LOOK_SECONDS)
        wall = time.perf_counter() - started
        spent = self.side.read_cpu(stock.parts()).since(before)
        return Round.of(pair, "stock", wall, spent, len(run_ids)), stock.pictures(run_ids)


def _announced(turn: Round) -> Round:
    print(f"  pair {turn.pair + 1} {turn.side}: {turn.wall_seconds:.2f} s", flush=True)
    return turn


def _run(place: Place, load: Load, batch: int, stock: Stock | None = None) -> list[Round]:
    name = f"batch-{batch}"
    with ExitStack() as stack:
        site = stack.enter_context(serving(place, name, BATCH_SIZE_MAX=str(batch)))
        log = place.log(f"{name}-bare")
        bare = stack.enter_context(Child("benchmarks.bare_loop", place.environment(), log))
        witness = stack.enter_context(closing(Witness(place, site)))
        side = SiteSide(site, rich_visitors(place, site, load.visitors), witness)
        bare.hear()
        contest = _Contest(load, batch, side, bare, stock, place.data_dir)
        contest.warm()
        return contest.take_turns()


def _figures(rounds: Sequence[Round], load: Load) -> tuple[list[str], dict[str, Any]]:
    """Return what is told of the turns, and all that was measured."""
    site, bare, stock = sides_of(rounds, "site", "bare", "stock")
    walls = [middle(side, lambda turn: turn.wall_seconds) for side in (site, bare)]
    cpus = [middle(side, lambda turn: turn.cpu_seconds) for side in (site, bare)]
    server = middle(site, lambda turn: turn.postgres_cpu_seconds)
    parts = {part: Spread.of([turn.cpu_parts[part] for turn in site]).median for part in site[0].cpu_parts}
    lines = [
        f"wall (median): site {walls[0]:.2f} s, bare {walls[1]:.2f} s",
        f"CPU (median): site {cpus[0]:.2f} s, bare {cpus[1]:.2f} s, PostgreSQL {server:.2f} s beside",
        "site's CPU a run: " + ", ".join(f"{part} {1000 * cost / load.jobs:.1f} ms" for part, cost in parts.items()),
        *(_stock_lines(site, stock) if stock else ()),
        others_line(rounds),
    ]
    return lines, {"load": asdict(load), "rounds": [asdict(turn) for turn in rounds]}


def _stock_part(rounds: Sequence[Round]) -> list[Part]:
    site, stock = sides_of(rounds, "site", "stock")
    ratios = ratios_of(site, stock, lambda turn: turn.wall_seconds)
    return [Part.of("wall time ÷ stock django-q2", None, ratios)]


def _stock_lines(site: Sequence[Round], stock: Sequence[Round]) -> list[str]:
    """Say how the site stands beside stock django-q2, which keeps no books and makes no thumbnails; not judged."""
    ratio = Spread.of(ratios_of(site, stock, lambda turn: turn.wall_seconds))
    wall, spent, server = (
        middle(stock, figure)
        for figure in (
            lambda turn: turn.wall_seconds,
            lambda turn: turn.cpu_seconds,
            lambda turn: turn.postgres_cpu_seconds,
        )
    )
    return [
        f"of stock django-q2, wall time: {ratio}",
        f"stock (median): wall {wall:.2f} s, CPU {spent:.2f} s, PostgreSQL {server:.2f} s beside",
    ]
