"""Somebody alone on the site, who waits for each picture: what batching costs whoever has nobody to share a pass with.

Two studios stand on one server, each with a database, a folder and a cluster of its own; one of them works at a time.
The one that was started first is the slower one, by some per cent and for as long as it runs, whichever that is: all
turns are taken twice, with two studios each time, and the other one is started first.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from uuid import UUID

from benchmarks.comparison import Side, in_turn
from benchmarks.site import Place, neighbour, serving
from benchmarks.turns import Load, Round, SiteSide, warming_wishes, wishes_of
from benchmarks.visitors import Wish, rich_visitors
from benchmarks.witness import Witness

# Of the runs of a turn of many people; one person's take as long as all of theirs at once.
_SHARE = 4
_LOOK_SECONDS = 0.002


def take_lone_turns(place: Place, load: Load, batch: int) -> list[Round]:
    """Let the same person order the same pictures with batching ("site") and without ("bare"), in turn."""
    batches: dict[Side, int] = {"site": batch, "bare": 1}
    halves = [_take_turns(place, load, batches, first) for first in batches]
    return [one.plus(other) for one, other in zip(*halves, strict=True)]


def _take_turns(place: Place, load: Load, batches: Mapping[Side, int], first: Side) -> list[Round]:
    with ExitStack() as stack:
        sides = {}
        for name in sorted(batches, key=lambda name: name != first):
            sides[name] = _side(stack, stack.enter_context(neighbour(place)), batches[name])
        for side in sides.values():
            _draw(side, warming_wishes(load))
        rounds = []
        for pair, name in in_turn(load.pairs):
            wishes = wishes_of(load, pair)[: max(1, load.jobs // _SHARE)]
            turn = _take_turn(sides[name], pair, name, wishes)
            print(f"  pair {pair + 1} alone, batching {'on' if name == 'site' else 'off'}: {turn.wall_seconds:.2f} s")
            rounds.append(turn)
        return rounds


def _side(stack: ExitStack, place: Place, batch: int) -> SiteSide:
    site = stack.enter_context(serving(place, f"alone-{batch}", BATCH_SIZE_MAX=str(batch)))
    witness = stack.enter_context(closing(Witness(place, site)))
    return SiteSide(site, rich_visitors(place, site, 1), witness)


def _take_turn(side: SiteSide, pair: int, name: str, wishes: Sequence[Wish]) -> Round:
    before = side.read_cpu()
    started = time.perf_counter()
    job_ids = _draw(side, wishes)
    wall = time.perf_counter() - started
    spent = side.read_cpu().since(before)
    return Round.of(pair, name, wall, spent, len(side.witness.prove(job_ids)))


def _draw(side: SiteSide, wishes: Sequence[Wish]) -> list[UUID]:
    """Have one picture drawn after the other, each ordered when the last is there."""
    job_ids: list[UUID] = []
    for wish in wishes:
        job_ids.append(side.visitors[0].generate(wish).job_id)
        side.witness.wait(job_ids[-1:], _LOOK_SECONDS)
    return job_ids
