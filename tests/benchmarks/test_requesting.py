"""Half of what POST can do is held only if it is answered as fast as it is sent."""

import time

import pytest

from benchmarks.comparison import Outcome, in_turn
from benchmarks.errors import BenchmarkFailed
from benchmarks.requesting import Rush, Turn, hold_up, outcome_of


def outcome(held: dict[str, float]) -> Outcome:
    turns = [
        Turn(pair, side, kind, rate=100.0, web_cpu_ms=1.0, postgres_cpu_ms=1.0)
        for kind in ("get", "post")
        for pair, name in in_turn(7)
        for side in ([name, "barest"] if name == "bare" else [name])
    ]
    return outcome_of(turns, Rush(), held)


def test_a_rate_that_is_kept_holds() -> None:
    held = hold_up(lambda: None, rate=200.0, seconds=0.5)
    assert (held["sent"], held["failed"]) == (100, 0)
    assert outcome(held).verdict == "holds"


def test_a_rate_that_is_answered_too_slowly_falls_short_though_nothing_failed() -> None:
    # Eight connections of 0.1 s each answer 80 a second.
    held = hold_up(lambda: time.sleep(0.1), rate=200.0, seconds=0.5)
    assert (held["sent"], held["failed"]) == (100, 0)
    assert held["answered_rate"] < 90
    assert outcome(held).verdict == "falls short"


def test_a_post_that_failed_leaves_no_figure() -> None:
    with pytest.raises(BenchmarkFailed, match="1 of 10 POSTs failed"):
        outcome({"rate": 5.0, "sent": 10, "failed": 1, "seconds": 2.0, "answered_rate": 4.5})
