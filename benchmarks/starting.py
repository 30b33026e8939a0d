"""Benchmark (c): from POST to started on an idle worker, against a raw NOTIFY and claim and against stock django-q2.

Both ways to order are timed: the form in the browser, which is judged, and the API. Beside the raw claim, which nobody
POSTs, stands one that begins as ours does: with a POST to a minimal view on the same server. What a run costs besides
its drawing is measured beside, in a burst of runs on the no-op engine, again by each.
"""

import http.client
import itertools
import json
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

import psycopg

from benchmarks.children import Child
from benchmarks.comparison import Bound, Outcome, Part, Spread, is_smaller, orders, percentile
from benchmarks.cpu import CpuReading
from benchmarks.errors import BenchmarkFailed
from benchmarks.programs import LOOSE, programs_of
from benchmarks.raw_claim import TABLE
from benchmarks.site import Place, minimal, serving
from benchmarks.stock_side import Stock, serving_stock
from benchmarks.turns import Load, Round, SiteSide, wishes_of
from benchmarks.visitors import Wish, rich_visitors
from benchmarks.witness import Witness

RAW_AT_MOST, STOCK_AT_MOST = 3.0, 0.15
# What is aimed at besides the ratios; reported, not judged.
AIM_P50_MS, AIM_P95_MS, AIM_DONE_MS, AIM_CPU_MS = 25.0, 50.0, 40.0, 15.0
# Between two runs: long enough for the worker to have gone back to waiting, and never in step with a timer.
SIDES = ("site", "bare", "stock", "api", "posted")
_IDLE_SECONDS = (0.15, 0.25)
_LOOK_SECONDS = 0.005
_WARMING_SAMPLES = 20
_JSON = {"Content-Type": "application/json"}
# The no-op engine reports each.
_STEPS = 8


@dataclass(frozen=True)
class Pace:
    """How often is measured: `samples` on each side, in `blocks` that are told apart; then `burst` runs at once."""

    samples: int = 140
    blocks: int = 7
    burst: int = 200
    visitors: int = 4


@dataclass(frozen=True)
class Start:
    """One sample, in milliseconds after the POST was sent (site, posted) or the transaction began (bare).

    `started_ms`: the site's worker stamped `started_at`, just before it wrote its claim; the bare one, of "posted" as
    well, had its claim committed; stock django-q2's task had begun. `woken_ms`: the bare worker woke. `answered_ms`:
    the browser had its answer. `finished_ms`: the run's end was stamped.
    """

    pair: int
    side: str
    started_ms: float
    woken_ms: float | None = None
    answered_ms: float | None = None
    finished_ms: float | None = None


def measure(place: Place, pace: Pace) -> Outcome:
    """(c) Median milliseconds to the start, site ÷ bare and site ÷ stock; the worse, each as a share of its bound."""
    with psycopg.connect(place.database_url, autocommit=True) as connection:
        connection.execute(TABLE)
    with ExitStack() as stack:
        stock = stack.enter_context(serving_stock(place, "start"))
        # One picture a pass: a run's cost is not shared with others.
        site = stack.enter_context(
            serving(place, "start", draws=True, ENGINE_BACKEND="noop", BATCH_SIZE_MAX="1", **LOOSE)
        )
        sender, worker = (
            stack.enter_context(Child("benchmarks.raw_claim", place.environment(), place.log(f"raw-{role}"), role))
            for role in ("sender", "worker")
        )
        for child in (sender, worker):
            child.hear()
        port, _ = stack.enter_context(minimal(place, "benchmarks.minimal_settings"))
        poster = stack.enter_context(closing(_Poster(port)))
        witness = stack.enter_context(closing(Witness(place, site)))
        visitors = rich_visitors(place, site, pace.visitors)
        sides = {
            "site": SiteSide(site, visitors, witness),
            "api": SiteSide(site, programs_of(place, site, visitors), witness),
        }
        bench = _Contest(sides, _Bare(sender, worker, poster), stock)
        for number in range(min(_WARMING_SAMPLES, pace.samples)):
            for name in SIDES:
                bench.take(name, -1, number)
        return _measure(bench, pace)


class _Poster:
    """A client of the minimal view, over one open connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def send(self, wish: Wish) -> float:
        """Order; returns the Unix time just before. Raises: BenchmarkFailed."""
        sent_at = time.time()
        self._connection.request("POST", "/orders", json.dumps({"prompt": wish.prompt}), _JSON)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != HTTPStatus.CREATED:
            raise BenchmarkFailed(f"the minimal view answered POST with {response.status}: {answer[:500]!r}")
        return sent_at

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@dataclass(frozen=True)
class _Bare:
    """A worker that waits for the bell, and two that ring it: over a connection of its own, and behind a POST."""

    sender: Child
    worker: Child
    poster: _Poster

    def take(self, side: str, pair: int, wish: Wish) -> Start:
        self.worker.tell()
        time.sleep(0.02)  # it waits by then
        sent_at = self.poster.send(wish) if side == "posted" else self.sender.ask(60.0)["sent_at"]
        heard = self.worker.hear(60.0)
        return Start(
            pair,
            side,
            started_ms=_milliseconds(sent_at, heard["claimed_at"]),
            woken_ms=_milliseconds(sent_at, heard["woken_at"]),
        )


class _Contest:
    """One sample at a time, of any side."""

    def __init__(self, sides: dict[str, SiteSide], bare: _Bare, stock: Stock) -> None:
        """`sides`: the site's two, by whoever orders."""
        self.sides = sides
        self.bare = bare
        self.stock = stock

    def take(self, side: str, pair: int, seed: int) -> Start:
        """Wait until all is idle, then take one sample."""
        self.sides["site"].witness.wait_for_quiet()
        time.sleep(random.uniform(*_IDLE_SECONDS))
        wish = Wish("a red apple", seed, num_inference_steps=_STEPS)
        if side in self.sides:
            return self._site(side, pair, wish)
        return self._stock(pair, wish) if side == "stock" else self.bare.take(side, pair, wish)

    def _site(self, side: str, pair: int, wish: Wish) -> Start:
        ordering = self.sides[side]
        sent = ordering.visitors[0].generate(wish)
        ordering.witness.wait([sent.job_id], _LOOK_SECONDS)
        (run,) = ordering.witness.prove([sent.job_id])
        return Start(
            pair,
            side,
            started_ms=_milliseconds(sent.sent_at, run.started_at.timestamp()),
            answered_ms=_milliseconds(sent.sent_at, sent.answered_at),
            finished_ms=_milliseconds(sent.sent_at, run.finished_at.timestamp()),
        )

    def _stock(self, pair: int, wish: Wish) -> Start:
        sent = self.stock.send("stamp", wish)
        self.stock.wait([sent.run_id], _LOOK_SECONDS)
        return Start(
            pair, "stock", started_ms=_milliseconds(sent.sent_at, self.stock.started_at(sent.run_id).timestamp())
        )


def _measure(bench: _Contest, pace: Pace) -> Outcome:
    before = bench.sides["site"].read_cpu()
    started = time.monotonic()
    samples = list(_samples(bench, pace))
    wall_seconds = time.monotonic() - started
    spent = bench.sides["site"].read_cpu().since(before)
    bursts = {name: _burst(side, Load(pace.burst, pace.visitors, _STEPS)) for name, side in bench.sides.items()}
    return _outcome(samples, pace, spent, wall_seconds, bursts)


def _burst(side: SiteSide, load: Load) -> Round:
    side.take_turn(0, wishes_of(load, 0))  # warm: every thread and connection
    burst, _ = side.take_turn(1, wishes_of(load, 1))
    return burst


def _samples(bench: _Contest, pace: Pace) -> Iterator[Start]:
    for pair, order in orders(pace.samples, SIDES):
        for side in order:
            yield bench.take(side, pair, pair)


def _outcome(
    samples: list[Start], pace: Pace, spent: CpuReading, wall_seconds: float, bursts: dict[str, Round]
) -> Outcome:
    starts = {side: [sample.started_ms for sample in samples if sample.side == side] for side in SIDES}
    p50, p95 = ({side: percentile(values, percent) for side, values in starts.items()} for percent in (50, 95))
    raw, stock = (_ratios_of_blocks(starts, "site", against, pace) for against in ("bare", "stock"))
    api, posted = _ratios_of_blocks(starts, "api", "bare", pace), _ratios_of_blocks(starts, "site", "posted", pace)
    # Each ratio as a share of its bound; the greater of both is judged.
    shares = [max(one / RAW_AT_MOST, other / STOCK_AT_MOST) for one, other in zip(raw, stock, strict=True)]
    judged = max(p50["site"] / p50["bare"] / RAW_AT_MOST, p50["site"] / p50["stock"] / STOCK_AT_MOST)
    stages = {side: _stages([sample for sample in samples if sample.side == side]) for side in SIDES}
    details = {
        "pace": asdict(pace),
        "p50_ms": p50,
        "p95_ms": p95,
        "aims_ms": {"p50": AIM_P50_MS, "p95": AIM_P95_MS, "done": AIM_DONE_MS, "cpu": AIM_CPU_MS},
        "stages_p50_ms": stages,
        "ratio_before_claim": p50["site"] / stages["bare"]["woken_ms"],
        "of_raw": {"ratio": p50["site"] / p50["bare"], "blocks": asdict(Spread.of(raw))},
        "api_of_raw": {"ratio": p50["api"] / p50["bare"], "blocks": asdict(Spread.of(api))},
        "of_posted": {"ratio": p50["site"] / p50["posted"], "blocks": asdict(Spread.of(posted))},
        "of_stock": {"ratio": p50["site"] / p50["stock"], "blocks": asdict(Spread.of(stock))},
        "wall_seconds": wall_seconds,
        "cpu": asdict(spent),
        "others_cpus": spent.others / wall_seconds,
        "bursts": {side: asdict(burst) for side, burst in bursts.items()},
        "samples": [asdict(sample) for sample in samples],
    }
    title = "POST to started on an idle worker ÷ raw NOTIFY and claim, and ÷ stock django-q2, as shares of their bounds"
    bound = Bound(1.0, is_ceiling=True)
    parts = [
        Part("p50 ÷ raw NOTIFY and claim", Bound(RAW_AT_MOST, is_ceiling=True), raw, p50["site"] / p50["bare"]),
        Part("p50 ÷ stock django-q2", Bound(STOCK_AT_MOST, is_ceiling=True), stock, p50["site"] / p50["stock"]),
        Part("p50 by the API ÷ raw NOTIFY and claim", None, api, p50["api"] / p50["bare"]),
        Part("p50 ÷ raw NOTIFY and claim behind a minimal POST", None, posted, p50["site"] / p50["posted"]),
    ]
    lines, sides, is_small = _lines(details), _sides(p50, p95, bursts), is_smaller(pace, Pace())
    return Outcome("c", title, bound, shares, judged, lines, details, parts, sides, is_small=is_small)


def _stages(samples: list[Start]) -> dict[str, float]:
    """Return the medians of what is known of these samples besides the start."""
    found = {}
    for name in ("woken_ms", "answered_ms", "finished_ms"):
        values = [value for sample in samples if (value := getattr(sample, name)) is not None]
        if values:
            found[name] = percentile(values, 50)
    return found


def _sides(
    p50: dict[str, float], p95: dict[str, float], bursts: dict[str, Round]
) -> dict[str, dict[str, float | None]]:
    """Return each side's figures; what a run costs is known of the site alone."""
    return {
        side: {
            "started, p50, ms": p50[side],
            "started, p95, ms": p95[side],
            "CPU, ms a run of a burst": _a_run(bursts.get(side), "cpu_seconds"),
            "CPU of PostgreSQL, ms a run of a burst": _a_run(bursts.get(side), "postgres_cpu_seconds"),
        }
        for side in p50
    }


def _a_run(burst: Round | None, figure: str) -> float | None:
    return 1000 / burst.images * float(getattr(burst, figure)) if burst else None


def _lines(details: dict[str, Any]) -> list[str]:
    p50, p95, stages = details["p50_ms"], details["p95_ms"], details["stages_p50_ms"]
    of_raw, of_stock, api = details["of_raw"], details["of_stock"], details["api_of_raw"]
    of_posted = details["of_posted"]
    return [
        f"of raw NOTIFY and claim: {of_raw['ratio']:.2f} (bound at most {RAW_AT_MOST:g}), "
        f"by blocks {_ends(of_raw['blocks'])}",
        f"of stock django-q2: {of_stock['ratio']:.3f} (bound at most {STOCK_AT_MOST:g}), "
        f"by blocks {_ends(of_stock['blocks'])}",
        f"of raw NOTIFY and claim behind a minimal POST: {of_posted['ratio']:.2f}, "
        f"by blocks {_ends(of_posted['blocks'])}; that: p50 {p50['posted']:.1f} ms, p95 {p95['posted']:.1f} ms",
        f"site: p50 {p50['site']:.1f} ms (aim {AIM_P50_MS:g}), p95 {p95['site']:.1f} ms (aim {AIM_P95_MS:g})",
        f"bare: p50 {p50['bare']:.1f} ms, p95 {p95['bare']:.1f} ms; "
        f"stock: p50 {p50['stock']:.1f} ms, p95 {p95['stock']:.1f} ms",
        f"by the API: {api['ratio']:.2f} of raw, by blocks {_ends(api['blocks'])}; "
        f"p50 {p50['api']:.1f} ms, p95 {p95['api']:.1f} ms",
        f"just before the claim's write: bare {stages['bare']['woken_ms']:.1f} ms, "
        f"ratio {details['ratio_before_claim']:.2f}",
        *(
            f"{side}: answered at p50 {stages[side]['answered_ms']:.1f} ms, "
            f"POST to done at p50 {stages[side]['finished_ms']:.1f} ms (aim {AIM_DONE_MS:g})"
            for side in details["bursts"]
        ),
        *(f"{side}: {_line_of_burst(burst)}" for side, burst in details["bursts"].items()),
        f"others on this machine meanwhile: {details['others_cpus']:.2f} CPUs",
    ]


def _line_of_burst(burst: dict[str, Any]) -> str:
    a_run = 1000 / burst["images"]
    parts = ", ".join(f"{part} {a_run * cost:.1f} ms" for part, cost in burst["cpu_parts"].items())
    return (
        f"a no-op run in a burst of {burst['images']}: {a_run * burst['cpu_seconds']:.1f} CPU-ms (aim {AIM_CPU_MS:g}): "
        f"{parts}, PostgreSQL {a_run * burst['postgres_cpu_seconds']:.1f} ms beside; "
        f"{burst['images'] / burst['wall_seconds']:.0f} runs a second"
    )


def _ends(spread: dict[str, float]) -> str:
    return f"{spread['low']:.3f} to {spread['high']:.3f}"


def _ratios_of_blocks(starts: dict[str, list[float]], side: str, against: str, pace: Pace) -> list[float]:
    site, other = (_blocks(starts[name], pace) for name in (side, against))
    return [percentile(one, 50) / percentile(two, 50) for one, two in zip(site, other, strict=True)]


def _blocks(values: list[float], pace: Pace) -> list[list[float]]:
    """Cut the samples, in the order they were taken, into blocks of nearly equal length."""
    ends = [round(len(values) * number / pace.blocks) for number in range(pace.blocks + 1)]
    return [values[first:last] for first, last in itertools.pairwise(ends)]


def _milliseconds(start: float, end: float) -> float:
    return 1000 * (end - start)
