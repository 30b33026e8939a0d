"""What the GPU benchmark measures, a function each; every one stands alone, and without a figure it fails."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.comparison import Bound, Spread, in_turn
from benchmarks.errors import BenchmarkFailed
from benchmarks.gpu_busy import BusyMeter
from benchmarks.gpu_stage import DTYPES, FLUX, SCHEDULERS, SD, SDXL, Stage, Storing
from generation.engine.reading import plain

_TERA = 1e12
# How far the same picture may lie apart on both sides, in the mean, of 255: else it is other work that was timed.
_TOLERANCE = 4.0
# Memory may differ from pass to pass by what the allocator rounds to.
_GROWTH_MAX = 1.01
# How often eight pictures are asked for where eight do not fit.
_TRIES = 2


@dataclass(frozen=True)
class Figure:
    """One number; without a value, the reason why there is none."""

    name: str
    title: str
    value: float | None
    unit: str = ""
    bound: Bound | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether its bound, if any, is kept."""
        return self.value is not None and (self.bound is None or self.bound.holds(self.value))


@dataclass
class Findings:
    """What a section found: figures, lines to print, and every single turn."""

    figures: list[Figure] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


def ceiling(stage: Stage) -> Findings:
    """Multiply matrices: more than that no network can do."""
    found = Findings()
    for dtype in ("bfloat16", "float16"):
        rates = stage.ceiling(dtype)
        found.figures.append(Figure(f"ceiling_{dtype}", f"matrix ceiling, {dtype}", rates["best"] / _TERA, "TFLOP/s"))
        found.details[dtype] = rates
    return found


def worker(stage: Stage) -> Findings:
    """SDXL, one picture after the other, through the worker's engine with its files, beside the bare compiled loop."""
    found, meter = _beside_bare(stage, SDXL, "whole")
    return _judge_worker(stage, found, "worker", meter, judged=True)


def worker_eager(stage: Stage) -> Findings:
    """Measure the same with nothing compiled on either side."""
    found, meter = _beside_bare(stage, SDXL)
    return _judge_worker(stage, found, "worker_eager", meter, judged=False)


def others(stage: Stage) -> Findings:
    """Stable Diffusion 1.5 and FLUX.1-schnell through the worker's engine, beside their bare loops; reported."""
    small = _ratio_alone(_beside_bare(stage, SD)[0], "worker_sd", f"worker ÷ bare, SD 1.5 at {stage.scale.small}²")
    _make_room(stage)
    try:
        large = _beside_bare(stage, FLUX)[0]
    finally:
        _make_room(stage)
    large = _ratio_alone(large, "worker_flux", f"worker ÷ bare, FLUX.1-schnell at {stage.scale.large}²")
    details = {SD: small.details, FLUX: large.details}
    return Findings(small.figures + large.figures, small.lines + large.lines, details)


def _ratio_alone(found: Findings, name: str, title: str) -> Findings:
    spread = _bare_by_site(found)
    found.figures = [Figure(name, f"{title}, pictures a second", spread.median, "×")]
    found.lines.append(f"{title}, over {len(found.details['turns']) // 2} pairs: {spread}")
    return _unless_apart(found)


def _make_room(stage: Stage) -> None:
    """Have every model leave the GPU."""
    stage.ask("release")
    for way in ("", "blocks", "whole"):
        stage.end_engine(way)


def _beside_bare(stage: Stage, family: str, way: str = "") -> tuple[Findings, BusyMeter]:
    """Draw in turn on both sides; returns what each turn took, and how busy the GPU was in the worker's."""
    scale, engine = stage.scale, stage.engine(way)
    spec = stage.spec(family)
    compiler = scale.compiler if way else ""
    stage.ask("load", spec=plain(spec), scheduler=SCHEDULERS[family], compiler=compiler)
    meter = BusyMeter(str(stage.ask("describe").get("uuid", "")))
    side_length = scale.side(family)
    first = {
        "bare": [stage.ask("draw", drawing=stage.drawing(family, [seed]))["wall_seconds"] for seed in range(2)],
        "site": [stage.draw(engine, stage.request(family, side_length, [seed])).wall_seconds for seed in range(2)],
    }
    apart = _same_work(stage, family, way)
    store = Storing(pipelined=True)
    turns: list[dict[str, Any]] = []
    for pair, side in in_turn(scale.pairs):
        seeds = [100 + pair * scale.pictures + index for index in range(scale.pictures)]
        if side == "bare":
            wall = stage.ask("draw", drawing=stage.drawing(family, seeds))["wall_seconds"]
        else:
            requests = [stage.request(family, side_length, [seed]) for seed in seeds]
            with meter:
                wall = stage.draw(engine, *requests, store=store).wall_seconds
        turns.append({"pair": pair, "side": side, "wall_seconds": wall})
        print(f"  {family} pair {pair + 1} {side}: {wall:.2f} s", flush=True)
    found = Findings(details={"turns": turns, "first": first, "mean_difference": apart, "busy": meter.samples})
    found.lines = [
        f"first and second picture: bare {_seconds(first['bare'])}, worker {_seconds(first['site'])}",
        f"the same picture on both sides differs by {apart:.2f} of 255 in the mean",
    ]
    return found, meter


def _bare_by_site(found: Findings) -> Spread:
    """Return bare ÷ site of each pair: the worker's pictures a second in terms of the bare loop's."""
    return Spread.of([1 / ratio for ratio in _ratios(found.details["turns"])])


def _unless_apart(found: Findings) -> Findings:
    """Take the figures away where the two sides drew something else."""
    apart = found.details["mean_difference"]
    if apart > _TOLERANCE:
        reason = f"the two sides' pictures differ by {apart:.1f} of 255 in the mean"
        found.figures = [replace(figure, value=None, reason=reason) for figure in found.figures]
    return found


def _judge_worker(stage: Stage, found: Findings, name: str, meter: BusyMeter, *, judged: bool) -> Findings:
    """Write down the ratio, the seconds, the share of the ceiling and of time; only the compiled ones have bounds."""
    walls = [turn["wall_seconds"] for turn in found.details["turns"] if turn["side"] == "site"]
    seconds = statistics.median(walls) / stage.scale.pictures
    operations = stage.ask("flops", family=SDXL, side=stage.scale.large, steps=stage.scale.steps[SDXL])["operations"]
    share = operations / seconds / stage.ceiling(DTYPES[SDXL])["best"]
    kind = "compiled" if judged else "eager"
    ratio, title = _bare_by_site(found), f"worker ÷ bare {kind} loop, pictures a second"
    least = {"ratio": 0.97, "share": 0.30, "busy": 95.0} if judged else {}

    def at_least(key: str) -> Bound | None:
        return Bound(least[key], is_ceiling=False) if key in least else None

    ceiling_seconds = Bound(1.6, is_ceiling=True) if judged else None
    found.figures = [
        Figure(f"{name}_ratio", title, ratio.median, "×", at_least("ratio")),
        Figure(f"{name}_sdxl_seconds", f"SDXL 1024², 30 steps, {kind}", seconds, "s a picture", ceiling_seconds),
        Figure(f"{name}_ceiling_share", f"the same, of the {DTYPES[SDXL]} ceiling", share, "×", at_least("share")),
    ]
    if stage.scale.device == "cuda":
        title = "GPU busy in the worker's turns"
        found.figures.append(Figure(f"{name}_busy", title, meter.percent, "%", at_least("busy"), meter.reason))
    found.lines += [
        f"ratio over {len(found.details['turns']) // 2} pairs: {ratio}",
        f"operations of a picture: {operations / _TERA:.1f} TFLOP",
    ]
    return _unless_apart(found)


def _same_work(stage: Stage, family: str, way: str) -> float:
    """Return by how much the two sides' pictures of one seed differ in the mean, of 255."""
    path = stage.folder / "bare.npy"
    stage.ask("draw", drawing=stage.drawing(family, [7]), save=str(path))
    turn = stage.draw(stage.engine(way), stage.request(family, stage.scale.side(family), [7]))
    return float(np.abs(np.load(path).astype(np.float32) - np.load(turn.paths[0]).astype(np.float32)).mean())


def batches(stage: Stage) -> Findings:
    """Draw Stable Diffusion 1.5 in batches of each size, at both sides, and SDXL at the larger; nothing is compiled."""
    found, scale = Findings(), stage.scale
    title, bound = "SD 1.5 at 512², best batch ÷ one at a time, pictures a second", Bound(2.5, is_ceiling=False)
    rates = _sweep(stage, found, SD, scale.small, scale.small_batches)
    is_whole = len(rates) == len(scale.small_batches)
    gain, reason = (max(rates.values()) / rates[1], "") if is_whole else (None, "not every batch was drawn")
    found.figures.append(Figure("batching", title, gain, "×", bound, reason))
    _sweep(stage, found, SD, scale.large, scale.large_batches)
    _sweep(stage, found, SDXL, scale.large, scale.large_batches[:3])
    return found


def _sweep(stage: Stage, found: Findings, family: str, side: int, sizes: Sequence[int]) -> dict[int, float]:
    """Return pictures a second by batch, as far as it came; where it did not come to the end, a figure is missing."""
    rates: dict[int, float] = {}
    reason = ""
    try:
        for batch in sizes:
            rates[batch] = _rate(stage, "", family, side, batch)
    except BenchmarkFailed as error:
        reason = str(error)
        title = f"{family} {side}², batches of {', '.join(map(str, sizes[len(rates) :]))}"
        found.figures.append(Figure(f"batches_{family}_{side}", title, None, reason=reason))
    found.details[f"{family} {side}"] = {"pictures_a_second": rates, "ended_by": reason}
    words = ", ".join(f"{batch}: {rate:.2f}" for batch, rate in rates.items())
    found.lines.append(f"{family} {side}², pictures a second by batch: {words} {reason}".rstrip())
    return rates


def _rate(stage: Stage, way: str, family: str, side: int, batch: int) -> float:
    """Return pictures a second of two passes of a batch, after a short one. Raises: BenchmarkFailed."""
    engine = stage.engine(way)
    warm_steps = 0 if way else 2  # what is compiled must have been through all of it
    stage.draw(engine, stage.request(family, side, range(batch), batch, steps=warm_steps))
    turn = stage.draw(engine, stage.request(family, side, range(2 * batch), batch))
    if turn.passes != [batch, batch]:
        raise BenchmarkFailed(f"passes of {batch} were asked for and {turn.passes} drawn")
    return 2 * batch / turn.wall_seconds


def out_of_memory(stage: Stage) -> Findings:
    """Let an engine have memory for four pictures at once and ask it for eight: all eight must come, by four."""
    stage.end_engine()
    peaks = [_peak(stage, batch) for batch in (4, 8)]
    tries: list[dict[str, Any]] = []
    share = 0.5
    for step in (0.25, 0.125, 0.125, 0.125):
        bound = round(peaks[0] + (peaks[1] - peaks[0]) * share)
        passes, got = _passes_of_eight(stage, bound)
        tries.append({"bound_bytes": bound, "passes": passes, "pictures": got})
        if passes[-1:] == [[4, 4]]:
            break
        # Peaks are what a pass took, not what it needs: an allocator makes do with less, or wants more beside.
        share += -step if passes[-1:] == [[8]] else step
    else:
        raise BenchmarkFailed(f"no bound was found that makes eight pictures come by four: {tries}")
    found = Findings(details={"peak_bytes": peaks, "tries": tries, "passes": tries[-1]["passes"]})
    lost, none = _TRIES * 8 - tries[-1]["pictures"], Bound(0, is_ceiling=True)
    title, of = "pictures lost when eight do not fit", f"of {_TRIES * 8}"
    found.figures.append(Figure("out_of_memory_lost", title, float(lost), of, none))
    found.lines.append(f"peaks of four and eight {_gigabytes(peaks)}, bound {_gigabytes([bound])}: passes of 4")
    return found


def _passes_of_eight(stage: Stage, bound: int) -> tuple[list[list[int]], int]:
    """Return the passes of each of two requests for eight pictures, and how many pictures there are of both.

    None where one alone did not fit. Raises: BenchmarkFailed where one has another shape.
    """
    side = stage.scale.unfitting
    engine = stage.engine(memory_bytes=bound)
    try:
        requests = [stage.request(SD, side, range(8), 8, steps=2) for _ in range(_TRIES)]
        turns = [stage.draw(engine, request, is_whole=False) for request in requests]
    except BenchmarkFailed as error:
        if "needs more memory than there is" in str(error) or "does not fit into memory" in str(error):
            return [], 0
        raise
    finally:
        stage.end_engine(memory_bytes=bound)
    paths = [path for turn in turns for path in turn.paths if path.exists()]
    shapes = {np.load(path).shape for path in paths}
    if shapes - {(side, side, 3)}:
        raise BenchmarkFailed(f"pictures of {shapes} came out")
    return [turn.passes for turn in turns], len(paths)


def _peak(stage: Stage, batch: int) -> int:
    """Return the most memory that a pass takes, in the terms in which it is bounded."""
    request = stage.request(SD, stage.scale.unfitting, range(batch), batch, steps=2)
    if stage.scale.device == "cuda":
        return int(stage.ask("peak", request=plain(request), batch=batch)["bytes"])
    engine = stage.engine()
    stage.draw(engine, request)
    words = Path(f"/proc/{engine.pid}/status").read_text()
    size, peak, data = (int(words.split(f"{name}:")[1].split()[0]) for name in ("VmSize", "VmPeak", "VmData"))
    # The kernel remembers the peak of all that is mapped; what came and went was data.
    return (data + peak - size) * 1024


def encoding(stage: Stage) -> Findings:
    """Make files of pictures between two passes, and beside the next one as the worker does."""
    scale, engine = stage.scale, stage.engine()
    count = 4 * scale.pictures
    stage.draw(engine, stage.request(SD, scale.small, [0]))
    turns: list[dict[str, Any]] = []
    for pair, side in in_turn(scale.pairs):
        store = Storing(pipelined=side == "site")
        requests = [stage.request(SD, scale.small, [seed]) for seed in range(count)]
        turns.append(
            {"pair": pair, "side": side, "wall_seconds": stage.draw(engine, *requests, store=store).wall_seconds}
        )
    ratios = _ratios(turns)
    title = f"{count} pictures of SD 1.5 at 512², files made beside the drawing ÷ between, wall time"
    found = Findings(details={"turns": turns}, lines=[f"ratio over {len(ratios)} pairs: {Spread.of(ratios)}"])
    found.figures.append(Figure("encoding", title, Spread.of(ratios).median, "×"))
    return found


def loras(stage: Stage) -> Findings:
    """Give every picture another of two LoRAs, or all the same."""
    scale = stage.scale
    spec = stage.spec(SD)
    made = stage.ask("loras", folder=str(stage.folder), model_folder=spec.folder)["loras"]
    request = plain(stage.request(SD, scale.small, [0]))
    count = scale.pictures + 1
    orders = {"site": ([made[0], made[1]] * count)[:count], "bare": [made[0]] * count}
    stage.ask("passes", request=request, batches=[1, 1, 1], loras=[made[0], made[1], None])
    turns: list[dict[str, Any]] = []
    for pair, side in in_turn(scale.pairs):
        told = stage.ask("passes", request=request, batches=[1] * count, loras=orders[side])
        if any(told["read_anew"]):
            raise BenchmarkFailed(f"a turn read {told['read_anew']} models and LoRAs anew")
        turns.append({"pair": pair, "side": side, "wall_seconds": told["wall_seconds"]})
    ratios = _ratios(turns)
    title = f"{count} pictures of SD 1.5, each with another LoRA ÷ all with one, wall time"
    bound = Bound(1.05, is_ceiling=True)
    found = Findings(details={"turns": turns}, lines=[f"ratio over {len(ratios)} pairs: {Spread.of(ratios)}"])
    found.figures.append(Figure("lora_swap", title, Spread.of(ratios).median, "×", bound))
    return found


def memory(stage: Stage) -> Findings:
    """Draw batches of changing sizes for a while: what is allocated after them must not grow."""
    scale = stage.scale
    request = plain(stage.request(SD, scale.small, [0]))
    order = [(1, 2, 4)[number % 3] for number in range(scale.passes)]
    seen = stage.ask("passes", request=request, batches=order, loras=[None] * len(order))["memory"]
    warm, last = seen[len(order) // 3], seen[-1]
    growth = {kind: last[kind] / warm[kind] for kind in ("allocated", "reserved")}
    found = Findings(details={"batches": order, "memory": seen})
    for kind, value in growth.items():
        title = f"{kind} memory after {len(order)} passes ÷ after {len(order) // 3}"
        found.figures.append(Figure(f"memory_{kind}", title, value, "×", Bound(_GROWTH_MAX, is_ceiling=True)))
    found.lines.append(f"allocated {_gigabytes([last['allocated']])}, reserved {_gigabytes([last['reserved']])}")
    return found


def compiling(stage: Stage) -> Findings:
    """Draw Stable Diffusion 1.5 eager, with its blocks compiled, and whole."""
    for way in ("blocks", "whole"):
        stage.end_engine(way)  # one that has compiled another model would allow for the shapes of both
    return _eager_and_compiled(stage, SD, stage.scale.small, stage.scale.compiled_batches)


def flux(stage: Stage) -> Findings:
    """Draw FLUX.1-schnell eager, with its blocks compiled; other models leave first: it takes most of a GPU."""
    _make_room(stage)
    return _eager_and_compiled(stage, FLUX, stage.scale.large, (1,), ways=("", "blocks"))


def _eager_and_compiled(
    stage: Stage, family: str, side: int, sizes: Sequence[int], ways: Sequence[str] = ("", "blocks", "whole")
) -> Findings:
    found = Findings()
    for way in ways:
        name = way or "eager"
        for batch in sizes:
            try:
                rate = _rate(stage, way, family, side, batch)
            except BenchmarkFailed as error:
                figure = Figure(
                    f"{family}_{name}_{batch}", f"{family} {side}², batch {batch}, {name}", None, reason=str(error)
                )
            else:
                figure = Figure(
                    f"{family}_{name}_{batch}", f"{family} {side}², batch {batch}, {name}", 1 / rate, "s a picture"
                )
            found.figures.append(figure)
        if family == FLUX:
            stage.end_engine(way)  # two of them would not fit
    found.details = {"figures": [asdict(figure) for figure in found.figures]}
    return found


def _ratios(turns: Sequence[dict[str, Any]]) -> list[float]:
    """Return site ÷ bare of each pair, wall time."""
    walls = {(turn["pair"], turn["side"]): turn["wall_seconds"] for turn in turns}
    return [walls[pair, "site"] / walls[pair, "bare"] for pair, side in walls if side == "site"]


def _seconds(values: Sequence[float]) -> str:
    return " and ".join(f"{value:.1f} s" for value in values)


def _gigabytes(values: Sequence[int]) -> str:
    return " and ".join(f"{value / 1e9:.2f} GB" for value in values)
