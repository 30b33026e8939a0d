"""Benchmark (f) judges the sweep and the sweep after it, each beside its bound."""

import pytest

from benchmarks.grant_sides import CHUNK
from benchmarks.granting import Crowd, Turn, outcome_of


def turns(again_seconds: float) -> list[Turn]:
    return [
        Turn(pair, side, 1000, seconds, again_seconds, 1.0, 1.0)
        for pair in range(7)
        for side, seconds in (("site", 3.0), ("bare", 2.0))
    ]


@pytest.mark.parametrize(("again_seconds", "verdict"), [(0.3, "holds"), (1.2, "falls short")])
def test_a_second_sweep_that_is_too_slow_falls_short(again_seconds: float, verdict: str) -> None:
    outcome = outcome_of(turns(again_seconds), Crowd())
    assert outcome.verdict == verdict
    sweep, again = outcome.parts
    assert sweep.judged == pytest.approx(1.5)
    assert again.judged == pytest.approx(again_seconds / 3)
    assert outcome.judged == pytest.approx(max(1.5 / 3, again_seconds / 3 / 0.3))


def test_one_chunk_warms_both_sides() -> None:
    assert Crowd().warming == CHUNK
    assert Crowd(wallets=60).warming == 6


def test_a_tenth_of_the_wallets_is_not_judged() -> None:
    assert outcome_of(turns(0.3), Crowd(wallets=100_000)).verdict == "smaller than asked: not judged"
