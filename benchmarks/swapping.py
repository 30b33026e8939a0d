"""Benchmark (i): pictures that each have another LoRA than the one before, against pictures that all have the same."""

from dataclasses import asdict, dataclass
from typing import Any

from benchmarks import cpu
from benchmarks.children import Child
from benchmarks.comparison import Bound, Outcome, Spread, is_smaller, orders, ratios_of
from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place


@dataclass(frozen=True)
class Swaps:
    """How much is drawn: `pictures` a turn, each of so many steps."""

    pictures: int = 8
    num_inference_steps: int = 25
    pairs: int = 7


@dataclass(frozen=True)
class Turn:
    """One side's turn; `none` is the model without any LoRA, which stands beside.

    CPU-seconds are those of the process that draws; no database is asked.
    """

    pair: int
    side: str
    wall_seconds: float
    cpu_seconds: float
    others_cpu_seconds: float
    model_loads: int
    lora_loads: int


def measure(place: Place, swaps: Swaps) -> Outcome:
    """Wall time, swapped ÷ unswapped. Raises: BenchmarkFailed where anything was loaded again."""
    folder = place.data_dir / "loras"
    folder.mkdir()
    loras = {"site": [0, 1] * swaps.pictures, "bare": [0] * swaps.pictures, "none": [-1] * swaps.pictures}
    turns: list[Turn] = []
    with Child("benchmarks.lora_sides", place.environment(), place.data_dir / "loras.log", str(folder)) as child:
        child.hear()
        child.ask(loras=[0, 1, -1], num_inference_steps=swaps.num_inference_steps)  # each is read, and each way warm
        for pair, order in orders(swaps.pairs, tuple(loras)):
            for side in order:
                turns.append(_turn(child, swaps, pair, side, loras[side][: swaps.pictures]))
                print(f"  pair {pair + 1} {side}: {turns[-1].wall_seconds:.2f} s", flush=True)
    return outcome_of(turns, swaps)


def _turn(child: Child, swaps: Swaps, pair: int, side: str, order: list[int]) -> Turn:
    before = cpu.read({side: [child.process]})
    told: dict[str, Any] = child.ask(loras=order, num_inference_steps=swaps.num_inference_steps)
    spent = cpu.read({side: [child.process]}).since(before)
    if told["model_loads"] or told["lora_loads"]:
        raise BenchmarkFailed(f"a turn read {told['model_loads']} models and {told['lora_loads']} LoRAs anew")
    return Turn(pair, side, told["wall_seconds"], spent.site, spent.others, told["model_loads"], told["lora_loads"])


def outcome_of(turns: list[Turn], swaps: Swaps) -> Outcome:
    """Return what the turns say: wall time judged, CPU-seconds beside it."""
    sides = {side: [turn for turn in turns if turn.side == side] for side in ("site", "bare", "none")}
    ratios = ratios_of(sides["site"], sides["bare"], lambda turn: turn.wall_seconds)
    seconds = {side: Spread.of([turn.wall_seconds / swaps.pictures for turn in sides[side]]) for side in sides}
    spent = {side: Spread.of([turn.cpu_seconds / swaps.pictures for turn in sides[side]]) for side in sides}
    cpu_ratios = ratios_of(sides["site"], sides["bare"], lambda turn: turn.cpu_seconds)
    others = Spread.of([turn.others_cpu_seconds / turn.wall_seconds for turn in turns]).median
    return Outcome(
        name="i",
        title=f"{swaps.pictures} pictures, each with another LoRA ÷ all with one, wall time",
        bound=Bound(1.05, is_ceiling=True),
        ratios=ratios,
        judged=Spread.of(ratios).median,
        lines=[
            f"seconds a picture: swapped {seconds['site']}, unswapped {seconds['bare']}, without any {seconds['none']}",
            f"CPU-seconds a picture: swapped {spent['site']}, unswapped {spent['bare']}, without any {spent['none']}",
            f"CPU-seconds, swapped ÷ unswapped: {Spread.of(cpu_ratios)}",
            f"others on this machine meanwhile: {others:.2f} CPUs",
            "models and LoRAs read anew in all turns: 0",
        ],
        details={"turns": [asdict(turn) for turn in turns]},
        sides={
            name: {"wall, s a picture": seconds[side].median, "CPU, s a picture": spent[side].median}
            for side, name in {"site": "another LoRA each", "bare": "one LoRA", "none": "no LoRA"}.items()
        },
        is_small=is_smaller(swaps, Swaps()),
    )
