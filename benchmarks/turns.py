"""Turns of the throughput benchmarks: what is asked for, what it cost, and the site's own turn.

What belongs here is the same whomever the site is compared with; the other sides stand where they are compared.
"""

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import psutil
from PIL import Image as Pillow

from benchmarks import cpu
from benchmarks.comparison import Spread
from benchmarks.cpu import CpuReading
from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Site
from benchmarks.visitors import Sent, Wish
from benchmarks.witness import Finished, Witness

PROMPTS = (
    "a red apple on a dark blue background",
    "a pink heart",
    "a sunflower",
    "a yellow star on a black background",
    "a green tree on a white background",
    "a blue fish",
    "an orange cat",
    "a purple umbrella on a grey background",
)
# How far the same picture may lie apart on both sides, of 255: it was drawn in batches of other sizes.
_TOLERANCE = 2

Answer = TypeVar("Answer")
# height × width × 3, uint8
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Load:
    """How much is asked for: `jobs` runs of one picture each, sent by `visitors` people at once."""

    jobs: int = 64
    visitors: int = 4
    num_inference_steps: int = 25
    pairs: int = 7


@dataclass(frozen=True)
class Round:
    """One side's turn. The site's CPU counts until its queue is empty again, a moment after the wall clock stopped."""

    pair: int
    side: str
    wall_seconds: float
    cpu_seconds: float
    images: int
    cpu_parts: dict[str, float]
    postgres_cpu_seconds: float
    client_cpu_seconds: float
    others_cpu_seconds: float

    @property
    def images_per_second(self) -> float:
        """The throughput."""
        return self.images / self.wall_seconds

    @classmethod
    def of(cls, pair: int, side: str, wall_seconds: float, spent: CpuReading, images: int) -> "Round":
        """Return the turn of a side whose processes are all that `spent` was read of."""
        parts = dict(spent.parts)
        more = (spent.postgres, spent.client, spent.others)
        return cls(pair, side, wall_seconds, spent.site, images, parts, *more)

    def plus(self, other: "Round") -> "Round":
        """Return both turns of the same side and pair as one."""
        assert (self.pair, self.side) == (other.pair, other.side)
        sums = {
            part.name: getattr(self, part.name) + getattr(other, part.name)
            for part in fields(self)
            if part.name not in {"pair", "side", "cpu_parts"}
        }
        parts = {name: spent + other.cpu_parts[name] for name, spent in self.cpu_parts.items()}
        return Round(self.pair, self.side, cpu_parts=parts, **sums)


class Orderer(Protocol):
    """Whoever orders runs: somebody with a browser, or a program."""

    def generate(self, wish: Wish) -> Sent:
        """Order a run."""

    def look(self, job_id: uuid.UUID) -> None:
        """GET a run that is done. Raises: BenchmarkFailed when the site says something else."""


@dataclass(frozen=True)
class SiteSide:
    """A site that serves, and those who order of it."""

    site: Site
    visitors: Sequence[Orderer]
    witness: Witness

    def warm(self, wishes: Sequence[Wish]) -> None:
        """Have every thread and connection been through it once."""
        self.witness.wait(send_all(self._senders, wishes))
        self.witness.wait_for_quiet()

    def take_turn(self, pair: int, wishes: Sequence[Wish]) -> tuple[Round, list[Finished]]:
        """Have all of it drawn, stored and told to whoever ordered it; returns the turn and its proof.

        Raises: BenchmarkFailed.
        """
        before = self.read_cpu()
        started = time.perf_counter()
        job_ids = send_all(self._senders, wishes)
        # As `send_all` deals them out: whoever ordered a run GETs it.
        orderers = dict(zip(job_ids, itertools.cycle(self.visitors)))
        self.witness.wait(job_ids, on_done=lambda job_id: orderers[job_id].look(job_id))
        wall = time.perf_counter() - started
        self.witness.wait_for_quiet()
        spent = self.read_cpu().since(before)
        finished = self.witness.prove(job_ids)
        return Round.of(pair, "site", wall, spent, len(finished)), finished

    def read_cpu(self, parts: Mapping[str, Sequence[psutil.Process]] | None = None) -> CpuReading:
        """Read the site's CPU-seconds, or those of another side's parts."""
        return cpu.read(self.site.parts() if parts is None else parts, self.postgres)

    @property
    def postgres(self) -> psutil.Process:
        """The main process of the site's database server."""
        return cpu.postgres_server(self.witness.connection)

    @property
    def _senders(self) -> list[Callable[[Wish], uuid.UUID]]:
        return [partial(_press, visitor) for visitor in self.visitors]


def wishes_of(load: Load, pair: int) -> list[Wish]:
    """Return what is drawn in a pair's turns, on either side."""
    return _wishes(1 + pair * load.jobs, load.jobs, load)


def warming_wishes(load: Load, batch: int = 1) -> list[Wish]:
    """Return what is drawn before the first turn."""
    return _wishes(0, max(2 * batch, 2 * load.visitors), load)


def drawing_of(wishes: Sequence[Wish], batch: int = 1) -> dict[str, Any]:
    """Return the bare loop's question for the same pictures, see `benchmarks.bare_loop.Drawing`."""
    return {
        "prompts": [wish.prompt for wish in wishes],
        "seeds": [wish.seed for wish in wishes],
        "batch": batch,
        "num_inference_steps": wishes[0].num_inference_steps,
        "guidance_scale": 4.0,
        "width": 128,
        "height": 128,
    }


def send_all(senders: Sequence[Callable[[Wish], Answer]], wishes: Sequence[Wish]) -> list[Answer]:
    """Have everybody send one wish after the other, all at once; returns the answers in the order of the wishes."""
    answers: dict[int, Answer] = {}
    errors: list[BaseException] = []

    def send(sender: Callable[[Wish], Answer], places: range) -> None:
        try:
            for place in places:
                answers[place] = sender(wishes[place])
        except Exception as error:  # noqa: BLE001 - raised again in the thread that asked
            errors.append(error)

    threads = [
        threading.Thread(target=send, args=(sender, range(place, len(wishes), len(senders))))
        for place, sender in enumerate(senders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [answers[place] for place in range(len(wishes))]


def compare(finished: Sequence[Finished], drawn: Sequence[Pixels], side: str) -> int:
    """Return how far the two sides' pictures lie apart at most, of 255. Raises: BenchmarkFailed above the tolerance."""
    if len(drawn) != len(finished):
        raise BenchmarkFailed(f"the site made {len(finished)} pictures, {side} {len(drawn)}")
    furthest = 0
    for run, pixels in zip(finished, drawn, strict=True):
        own = np.asarray(Pillow.open(run.picture)).astype(np.int16)
        if own.shape != pixels.shape:
            raise BenchmarkFailed(f"seed {run.seed} is {own.shape} on the site and {pixels.shape} by {side}")
        apart = int(np.abs(own - pixels).max())
        if apart > _TOLERANCE:
            raise BenchmarkFailed(f"seed {run.seed} differs by {apart} of 255 between site and {side}: no comparison")
        furthest = max(furthest, apart)
    return furthest


def sides_of(rounds: Sequence[Round], *sides: str) -> list[list[Round]]:
    """Return each side's turns in the order of the pairs."""
    ordered = sorted(rounds, key=lambda turn: turn.pair)
    return [[turn for turn in ordered if turn.side == side] for side in sides]


def middle(turns: Sequence[Round], figure: Callable[[Round], float]) -> float:
    """Return the median of a figure of the turns."""
    return Spread.of([figure(turn) for turn in turns]).median


def absolute(rounds: Sequence[Round], *sides: str) -> dict[str, dict[str, float | None]]:
    """Return the medians of each side's turns, for information; PostgreSQL's only where the side has a database."""
    found: dict[str, dict[str, float | None]] = {}
    for side, turns in zip(sides, sides_of(rounds, *sides), strict=True):
        found[side] = {
            "wall, s a turn": middle(turns, lambda turn: turn.wall_seconds),
            "pictures a second": middle(turns, lambda turn: turn.images_per_second),
            "CPU, s a turn": middle(turns, lambda turn: turn.cpu_seconds),
        }
        if turns[0].cpu_parts:
            found[side]["CPU of PostgreSQL, s a turn"] = middle(turns, lambda turn: turn.postgres_cpu_seconds)
    return found


def others_line(rounds: Sequence[Round]) -> str:
    """Say what else ran on the machine."""
    others = middle(rounds, lambda turn: turn.others_cpu_seconds / turn.wall_seconds)
    return f"others on this machine meanwhile: {others:.2f} CPUs"


def _press(visitor: Orderer, wish: Wish) -> uuid.UUID:
    return visitor.generate(wish).job_id


def _wishes(first_seed: int, count: int, load: Load) -> list[Wish]:
    prompts = itertools.islice(itertools.cycle(PROMPTS), count)
    return [Wish(prompt, first_seed + place, load.num_inference_steps) for place, prompt in enumerate(prompts)]
