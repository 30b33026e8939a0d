"""Benchmark (c): from POST to started on an idle worker, against a raw NOTIFY and claim."""

import itertools
import random
import time
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from typing import Any

import psycopg

from benchmarks import cpu
from benchmarks.children import Child
from benchmarks.comparison import Bound, Outcome, Spread, in_turn, percentile
from benchmarks.cpu import CpuReading
from benchmarks.raw_claim import TABLE
from benchmarks.site import Place, Site, serving
from benchmarks.visitors import Visitor, Wish, rich_visitors
from benchmarks.witness import Witness

# What is aimed at besides the ratio; reported, not judged.
AIM_P50_MS, AIM_P95_MS = 25.0, 50.0
# Between two runs: long enough for the worker to have gone back to waiting, and never in step with a timer.
_IDLE_SECONDS = (0.15, 0.25)
_LOOK_SECONDS = 0.005


@dataclass(frozen=True)
class Pace:
    """How often is measured: `samples` on each side, in `blocks` that are told apart."""

    samples: int = 140
    blocks: int = 7


@dataclass(frozen=True)
class Start:
    """One sample, in milliseconds after the POST was sent (site) or the transaction began (bare).

    `started_ms`: the site's worker stamped `started_at`, just before it wrote its claim; the bare one had its claim
    committed. `woken_ms`: the bare worker woke. `answered_ms`: the browser had its answer. `finished_ms`: the run's
    end was stamped.
    """

    pair: int
    side: str
    started_ms: float
    woken_ms: float | None = None
    answered_ms: float | None = None
    finished_ms: float | None = None


def measure(place: Place, pace: Pace) -> Outcome:
    """(c) Median milliseconds to the start, site ÷ bare."""
    with psycopg.connect(place.database_url, autocommit=True) as connection:
        connection.execute(TABLE)
    with ExitStack() as stack:
        site = stack.enter_context(serving(place, "start", ENGINE_BACKEND="noop"))
        sender, worker = (
            stack.enter_context(Child("benchmarks.raw_claim", place.environment(), place.log(f"raw-{role}"), role))
            for role in ("sender", "worker")
        )
        for child in (sender, worker):
            child.hear()
        witness = stack.enter_context(closing(Witness(place, site)))
        (visitor,) = rich_visitors(place, site, 1)
        bench = _Contest(visitor, witness, sender, worker)
        for number in range(20):
            bench.take("site", -1, number)
            bench.take("bare", -1, number)
        return _measure(bench, site, pace)


class _Contest:
    """One sample at a time, of either side."""

    def __init__(self, visitor: Visitor, witness: Witness, sender: Child, worker: Child) -> None:
        self.visitor = visitor
        self.witness = witness
        self.sender = sender
        self.worker = worker

    def take(self, side: str, pair: int, seed: int) -> Start:
        """Wait until all is idle, then take one sample."""
        self.witness.wait_for_quiet()
        time.sleep(random.uniform(*_IDLE_SECONDS))
        return self._site(pair, seed) if side == "site" else self._bare(pair)

    def _site(self, pair: int, seed: int) -> Start:
        sent = self.visitor.generate(Wish("a red apple", seed, num_inference_steps=8))
        self.witness.wait([sent.job_id], _LOOK_SECONDS)
        (run,) = self.witness.prove([sent.job_id])
        return Start(
            pair,
            "site",
            started_ms=_milliseconds(sent.sent_at, run.started_at.timestamp()),
            answered_ms=_milliseconds(sent.sent_at, sent.answered_at),
            finished_ms=_milliseconds(sent.sent_at, run.finished_at.timestamp()),
        )

    def _bare(self, pair: int) -> Start:
        self.worker.tell()
        time.sleep(0.02)  # it waits by then
        sent_at = self.sender.ask(60.0)["sent_at"]
        heard = self.worker.hear(60.0)
        return Start(
            pair,
            "bare",
            started_ms=_milliseconds(sent_at, heard["claimed_at"]),
            woken_ms=_milliseconds(sent_at, heard["woken_at"]),
        )


def _measure(bench: _Contest, site: Site, pace: Pace) -> Outcome:
    server = cpu.postgres_server(bench.witness.connection)
    before = cpu.read(site.parts(), server)
    started = time.monotonic()
    samples = [bench.take(side, pair, pair) for pair, side in in_turn(pace.samples)]
    wall_seconds = time.monotonic() - started
    return _outcome(samples, pace, cpu.read(site.parts(), server).since(before), wall_seconds)


def _outcome(samples: list[Start], pace: Pace, spent: CpuReading, wall_seconds: float) -> Outcome:
    starts = {side: [sample.started_ms for sample in samples if sample.side == side] for side in ("site", "bare")}
    blocks = (_blocks(starts[side], pace) for side in ("site", "bare"))
    ratios = [percentile(site, 50) / percentile(bare, 50) for site, bare in zip(*blocks, strict=True)]
    p50 = {side: percentile(values, 50) for side, values in starts.items()}
    p95 = {side: percentile(values, 95) for side, values in starts.items()}
    stages = {
        name: percentile([value for sample in samples if (value := getattr(sample, name)) is not None], 50)
        for name in ("woken_ms", "answered_ms", "finished_ms")
    }
    details = {
        "pace": asdict(pace),
        "p50_ms": p50,
        "p95_ms": p95,
        "aims_ms": {"p50": AIM_P50_MS, "p95": AIM_P95_MS},
        "stages_p50_ms": stages,
        "ratio_before_claim": p50["site"] / stages["woken_ms"],
        "ratio_of_blocks": asdict(Spread.of(ratios)),
        "wall_seconds": wall_seconds,
        "cpu": asdict(spent),
        "others_cpus": spent.others / wall_seconds,
        "samples": [asdict(sample) for sample in samples],
    }
    title = "POST to started on an idle worker ÷ raw NOTIFY and claim, median"
    judged = p50["site"] / p50["bare"]
    return Outcome("c", title, Bound(4.0, is_ceiling=True), ratios, judged, _lines(details), details)


def _lines(details: dict[str, Any]) -> list[str]:
    p50, p95, stages, spent = details["p50_ms"], details["p95_ms"], details["stages_p50_ms"], details["cpu"]
    a_run = 1000 / details["pace"]["samples"]
    parts = ", ".join(f"{part} {a_run * cost:.1f} ms" for part, cost in spent["parts"].items())
    return [
        f"site: p50 {p50['site']:.1f} ms (aim {AIM_P50_MS:g}), p95 {p95['site']:.1f} ms (aim {AIM_P95_MS:g})",
        f"bare: p50 {p50['bare']:.1f} ms, p95 {p95['bare']:.1f} ms",
        f"just before the claim's write: bare {stages['woken_ms']:.1f} ms, ratio {details['ratio_before_claim']:.2f}",
        f"site: answered at p50 {stages['answered_ms']:.1f} ms, finished at p50 {stages['finished_ms']:.1f} ms",
        f"site's CPU a run, idling between included: {parts}, PostgreSQL {a_run * spent['postgres']:.1f} ms beside",
        f"others on this machine meanwhile: {details['others_cpus']:.2f} CPUs",
    ]


def _blocks(values: list[float], pace: Pace) -> list[list[float]]:
    """Cut the samples, in the order they were taken, into blocks of nearly equal length."""
    ends = [round(len(values) * number / pace.blocks) for number in range(pace.blocks + 1)]
    return [values[first:last] for first, last in itertools.pairwise(ends)]


def _milliseconds(start: float, end: float) -> float:
    return 1000 * (end - start)
