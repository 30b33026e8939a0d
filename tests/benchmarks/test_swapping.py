"""Benchmark (i) tells each side's CPU-seconds beside its wall time, and judges wall time alone."""

from benchmarks.swapping import Swaps, Turn, outcome_of


def test_cpu_seconds_of_each_side_stand_beside_the_wall_time() -> None:
    turns = [
        Turn(pair, side, wall_seconds, cpu_seconds, 0.5, 0, 0)
        for pair in range(7)
        for side, wall_seconds, cpu_seconds in (("site", 8.0, 16.0), ("bare", 8.0, 12.0), ("none", 4.0, 4.0))
    ]

    outcome = outcome_of(turns, Swaps())

    assert (outcome.judged, outcome.verdict) == (1.0, "holds")
    assert outcome.sides["another LoRA each"] == {"wall, s a picture": 1.0, "CPU, s a picture": 2.0}
    assert outcome.sides["one LoRA"]["CPU, s a picture"] == 1.5
    assert "CPU-seconds, swapped ÷ unswapped: 1.333" in "\n".join(outcome.lines)
    assert outcome.details["turns"][0]["cpu_seconds"] == 16.0
