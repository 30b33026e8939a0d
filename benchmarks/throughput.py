"""Benchmarks (a) and (b): runs from the button to the shelf, against a bare loop over the same pipeline."""

import itertools
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from benchmarks import cpu
from benchmarks.children import Child
from benchmarks.comparison import Bound, Outcome, Spread, in_turn, ratios_of
from benchmarks.cpu import CpuReading
from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place, Site, serving
from benchmarks.visitors import Visitor, Wish, rich_visitors
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


@dataclass(frozen=True)
class Load:
    """How much is asked for: `jobs` runs of one picture each, sent by `visitors` people at once."""

    jobs: int = 64
    visitors: int = 4
    num_inference_steps: int = 8
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


def measure_single(place: Place, load: Load) -> Outcome:
    """(a) One picture at a time: wall time, site ÷ bare."""
    rounds = _run(place, load, batch=1)
    ratios = ratios_of(*_sides(rounds), lambda turn: turn.wall_seconds)
    title = f"{load.jobs} runs from POST to stored ÷ bare loop, wall time"
    return _outcome("a", title, Bound(1.10, is_ceiling=True), ratios, rounds, load)


def measure_batched(place: Place, load: Load) -> Outcome:
    """(b) Eight at a time: images a second, site ÷ bare."""
    rounds = _run(place, load, batch=8)
    ratios = ratios_of(*_sides(rounds), lambda turn: turn.images_per_second)
    title = f"{load.jobs} runs from POST to stored ÷ bare loop in batches of 8, images a second"
    return _outcome("b", title, Bound(0.95, is_ceiling=False), ratios, rounds, load)


@dataclass(frozen=True)
class _Contest:
    """Both sides, ready: a site that serves and a bare loop with its model in memory."""

    load: Load
    batch: int
    site: Site
    visitors: Sequence[Visitor]
    witness: Witness
    bare: Child
    scratch: Path

    def warm(self) -> None:
        """Have every thread, connection and batch size been through it once."""
        wishes = _wishes(0, max(2 * self.batch, 2 * len(self.visitors)), self.load)
        self.witness.wait(_send_all(self.visitors, wishes))
        self.witness.wait_for_quiet()
        self.bare.ask(**_drawing(wishes, self.batch))

    def take_turns(self) -> list[Round]:
        """Let both sides draw the same pictures, pair by pair, and make sure that they did."""
        rounds = []
        finished: list[Finished] = []
        for pair, side in in_turn(self.load.pairs):
            wishes = _wishes(1 + pair * self.load.jobs, self.load.jobs, self.load)
            if side == "site":
                turn, finished = self._site_turn(pair, wishes)
            else:
                turn = self._bare_turn(pair, wishes)
            rounds.append(turn)
            print(f"  pair {pair + 1} {side}: {turn.wall_seconds:.2f} s", flush=True)
            if len(rounds) % 2 == 0:
                _compare(finished, self.bare, self.scratch / "bare.npz")
        return rounds

    def _site_turn(self, pair: int, wishes: Sequence[Wish]) -> tuple[Round, list[Finished]]:
        before = self._read_cpu()
        started = time.perf_counter()
        job_ids = _send_all(self.visitors, wishes)
        self.witness.wait(job_ids)
        wall = time.perf_counter() - started
        self.witness.wait_for_quiet()
        spent = self._read_cpu().since(before)
        finished = self.witness.prove(job_ids)
        parts = dict(spent.parts)
        more = (spent.postgres, spent.client, spent.others)
        return Round(pair, "site", wall, spent.site, len(finished), parts, *more), finished

    def _bare_turn(self, pair: int, wishes: Sequence[Wish]) -> Round:
        before = self._read_cpu()
        answer = self.bare.ask(**_drawing(wishes, self.batch))
        spent = self._read_cpu().since(before)
        wall, cpu_seconds, images = answer["wall_seconds"], answer["cpu_seconds"], answer["images"]
        # Whatever the site's idle processes spend meanwhile is noise to the bare loop.
        return Round(pair, "bare", wall, cpu_seconds, images, {}, 0.0, 0.0, max(0.0, spent.machine - cpu_seconds))

    def _read_cpu(self) -> CpuReading:
        return cpu.read(self.site.parts(), cpu.postgres_server(self.witness.connection))


def _run(place: Place, load: Load, batch: int) -> list[Round]:
    name = f"batch-{batch}"
    with ExitStack() as stack:
        site = stack.enter_context(serving(place, name, BATCH_SIZE_MAX=str(batch)))
        log = place.log(f"{name}-bare")
        bare = stack.enter_context(Child("benchmarks.bare_loop", place.environment(), log))
        witness = stack.enter_context(closing(Witness(place, site)))
        visitors = rich_visitors(place, site, load.visitors)
        bare.hear()
        contest = _Contest(load, batch, site, visitors, witness, bare, place.data_dir)
        contest.warm()
        return contest.take_turns()


def _wishes(first_seed: int, count: int, load: Load) -> list[Wish]:
    prompts = itertools.islice(itertools.cycle(PROMPTS), count)
    return [Wish(prompt, first_seed + place, load.num_inference_steps) for place, prompt in enumerate(prompts)]


def _drawing(wishes: Sequence[Wish], batch: int) -> dict[str, Any]:
    """Return the bare loop's question for the same pictures."""
    return {
        "prompts": [wish.prompt for wish in wishes],
        "seeds": [wish.seed for wish in wishes],
        "batch": batch,
        "num_inference_steps": wishes[0].num_inference_steps,
        "guidance_scale": 4.0,
        "width": 128,
        "height": 128,
    }


def _send_all(visitors: Sequence[Visitor], wishes: Sequence[Wish]) -> list[uuid.UUID]:
    """Have everybody press the button again and again at once; returns the runs in the order of the wishes."""
    jobs: dict[int, uuid.UUID] = {}
    errors: list[BaseException] = []

    def press(visitor: Visitor, places: range) -> None:
        try:
            for place in places:
                jobs[place] = visitor.generate(wishes[place]).job_id
        except Exception as error:  # noqa: BLE001 - raised again in the thread that asked
            errors.append(error)

    threads = [
        threading.Thread(target=press, args=(visitor, range(place, len(wishes), len(visitors))))
        for place, visitor in enumerate(visitors)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [jobs[place] for place in range(len(wishes))]


def _compare(finished: Sequence[Finished], bare: Child, path: Path) -> None:
    """Make sure that both sides drew the same pictures. Raises: BenchmarkFailed."""
    bare.ask(save=str(path))
    with np.load(path) as arrays:
        drawn = [arrays[name].astype(np.int16) for name in arrays.files]
    if len(drawn) != len(finished):
        raise BenchmarkFailed(f"the site made {len(finished)} pictures, the bare loop {len(drawn)}")
    for run, pixels in zip(finished, drawn, strict=True):
        apart = int(np.abs(np.asarray(Pillow.open(run.picture)).astype(np.int16) - pixels).max())
        if apart > _TOLERANCE:
            raise BenchmarkFailed(
                f"seed {run.seed} differs by {apart} of 255 between site and bare loop: no comparison"
            )


def _sides(rounds: Sequence[Round]) -> tuple[list[Round], list[Round]]:
    ordered = sorted(rounds, key=lambda turn: turn.pair)
    return [turn for turn in ordered if turn.side == "site"], [turn for turn in ordered if turn.side == "bare"]


def _outcome(name: str, title: str, bound: Bound, ratios: list[float], rounds: Sequence[Round], load: Load) -> Outcome:
    site, bare = _sides(rounds)
    spread = Spread.of(ratios)
    walls = [Spread.of([turn.wall_seconds for turn in side]).median for side in (site, bare)]
    cpus = [Spread.of([turn.cpu_seconds for turn in side]).median for side in (site, bare)]
    server = Spread.of([turn.postgres_cpu_seconds for turn in site]).median
    parts = {part: Spread.of([turn.cpu_parts[part] for turn in site]).median for part in site[0].cpu_parts}
    others = Spread.of([turn.others_cpu_seconds / turn.wall_seconds for turn in rounds]).median
    lines = [
        f"wall (median): site {walls[0]:.2f} s, bare {walls[1]:.2f} s",
        f"CPU (median): site {cpus[0]:.2f} s, bare {cpus[1]:.2f} s, PostgreSQL {server:.2f} s beside",
        "site's CPU a run: " + ", ".join(f"{part} {1000 * cost / load.jobs:.1f} ms" for part, cost in parts.items()),
        f"others on this machine meanwhile: {others:.2f} CPUs",
    ]
    details = {"load": asdict(load), "ratio": asdict(spread), "rounds": [asdict(turn) for turn in rounds]}
    return Outcome(name, title, bound, ratios, spread.median, lines, details)
