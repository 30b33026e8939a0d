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
    elapsed = time.monotonic() - started
    spent = cpu.read(site.parts(), server).since(before)
    starts = {side: [sample.started_ms for sample in samples if sample.side == side] for side in ("site", "bare")}
    ratios = [
        percentile(site_block, 50) / percentile(bare_block, 50)
        for site_block, bare_block in zip(*(_blocks(starts[side], pace) for side in ("site", "bare")), strict=True)
    ]
    medians = {side: percentile(values, 50) for side, values in starts.items()}
    p95 = {side: percentile(values, 95) for side, values in starts.items()}
    answered = [sample.answered_ms for sample in samples if sample.answered_ms is not None]
    finished = [sample.finished_ms for sample in samples if sample.finished_ms is not None]
    woken = [sample.woken_ms for sample in samples if sample.woken_ms is not None]
    lines = [
        f"site: p50 {medians['site']:.1f} ms (aim {AIM_P50_MS:g}), p95 {p95['site']:.1f} ms (aim {AIM_P95_MS:g})",
        f"bare: p50 {medians['bare']:.1f} ms, p95 {p95['bare']:.1f} ms; woken at p50 {percentile(woken, 50):.1f} ms",
        f"site: answered at p50 {percentile(answered, 50):.1f} ms, finished at p50 {percentile(finished, 50):.1f} ms",
        "site's CPU a run, idling between runs included: "
        + ", ".join(f"{part} {1000 * cost / pace.samples:.1f} ms" for part, cost in spent.parts.items())
        + f", PostgreSQL {1000 * spent.postgres / pace.samples:.1f} ms beside",
        f"others on this machine meanwhile: {spent.others / elapsed:.2f} CPUs",
    ]
    details: dict[str, Any] = {
        "pace": asdict(pace),
        "p50_ms": medians,
        "p95_ms": p95,
        "aims_ms": {"p50": AIM_P50_MS, "p95": AIM_P95_MS},
        "bare_woken_p50_ms": percentile(woken, 50),
        "ratio_of_blocks": asdict(Spread.of(ratios)),
        "wall_seconds": elapsed,
        "site_cpu_seconds": dict(spent.parts),
        "postgres_cpu_seconds": spent.postgres,
        "client_cpu_seconds": spent.client,
        "others_cpu_seconds": spent.others,
        "samples": [asdict(sample) for sample in samples],
    }
    title = "POST to started on an idle worker ÷ raw NOTIFY and claim, median"
    judged = medians["site"] / medians["bare"]
    return Outcome("c", title, Bound(4.0, is_ceiling=True), ratios, judged, lines, details)


def _blocks(values: list[float], pace: Pace) -> list[list[float]]:
    """Cut the samples, in the order they were taken, into blocks of nearly equal length."""
    ends = [round(len(values) * number / pace.blocks) for number in range(pace.blocks + 1)]
    return [values[first:last] for first, last in itertools.pairwise(ends)]


def _milliseconds(start: float, end: float) -> float:
    return 1000 * (end - start)
