"""Benchmarks (a) and (b): runs from the button to the shelf, against a bare loop over the same pipeline.

Beside (a) stands stock django-q2, which draws the same pictures with the same loop.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.children import Child
from benchmarks.comparison import Bound, Outcome, Spread, in_turn, ratios_of
from benchmarks.site import Place, serving
from benchmarks.stock_side import Stock, serving_stock
from benchmarks.turns import (
    Load,
    Pixels,
    Round,
    SiteSide,
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


def measure_single(place: Place, load: Load) -> Outcome:
    """(a) One picture at a time: wall time, site ÷ bare."""
    with serving_stock(place, "batch-1") as stock:
        rounds = _run(place, load, batch=1, stock=stock)
    site, bare = sides_of(rounds, "site", "bare")
    ratios = ratios_of(site, bare, lambda turn: turn.wall_seconds)
    title = f"{load.jobs} runs from POST to stored ÷ bare loop, wall time"
    return _outcome("a", title, Bound(1.10, is_ceiling=True), ratios, rounds, load)


def measure_batched(place: Place, load: Load) -> Outcome:
    """(b) Eight at a time: images a second, site ÷ bare."""
    rounds = _run(place, load, batch=8)
    site, bare = sides_of(rounds, "site", "bare")
    ratios = ratios_of(site, bare, lambda turn: turn.images_per_second)
    title = f"{load.jobs} runs from POST to stored ÷ bare loop in batches of 8, images a second"
    return _outcome("b", title, Bound(0.95, is_ceiling=False), ratios, rounds, load)


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
        rounds = []
        finished: list[Finished] = []
        for pair, side in in_turn(self.load.pairs):
            wishes = wishes_of(self.load, pair)
            if side == "site":
                turn, finished = self.side.take_turn(pair, wishes)
            else:
                turn = self._bare_turn(pair, wishes)
            rounds.append(_announced(turn))
            if side == ("bare" if pair % 2 == 0 else "site"):  # the pair is whole
                compare(finished, self._drawn_bare(), "the bare loop")
                if self.stock:
                    turn, pictures = self._stock_turn(self.stock, pair, wishes)
                    rounds.append(_announced(turn))
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


def _outcome(name: str, title: str, bound: Bound, ratios: list[float], rounds: Sequence[Round], load: Load) -> Outcome:
    site, bare, stock = sides_of(rounds, "site", "bare", "stock")
    spread = Spread.of(ratios)
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
    details = {"load": asdict(load), "ratio": asdict(spread), "rounds": [asdict(turn) for turn in rounds]}
    return Outcome(name, title, bound, ratios, spread.median, lines, details)


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
