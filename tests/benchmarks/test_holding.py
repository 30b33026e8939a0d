"""Benchmark (g) shows each of its three figures beside its bound."""

import pytest

from benchmarks.holding import Till, Turn, outcome_of


def turns(hot: float, many: float) -> list[Turn]:
    return [
        Turn(pair, side, "hot", 100, rate, many, 1.0, 1.0, 1.0, 1.0)
        for pair in range(7)
        for side, rate in (("site", hot), ("bare", 400.0))
    ]


@pytest.mark.parametrize(
    ("hot", "many", "long_ms", "short"),
    [
        (200.0, 400.0, 1.0, []),
        (100.0, 400.0, 1.0, ["one hot wallet, pairs a second ÷ raw SQL"]),
        (200.0, 250.0, 1.0, ["many wallets ÷ the hot one, pairs a second"]),
        (200.0, 400.0, 1.2, ["a balance after the long history ÷ the short"]),
    ],
)
def test_the_part_that_misses_its_bound_is_the_one_that_falls_short(
    hot: float, many: float, long_ms: float, short: list[str]
) -> None:
    outcome = outcome_of(turns(hot, many), {"short": [1.0] * 14, "long": [long_ms] * 14}, Till())
    missed = [part.title for part in outcome.parts if part.bound and not part.bound.holds(part.judged)]
    assert missed == short
    assert outcome.verdict == ("falls short" if short else "holds")


def test_fewer_wallets_or_lines_are_not_judged() -> None:
    balances = {"short": [1.0] * 14, "long": [1.0] * 14}
    for till in (Till(wallets=9_999), Till(lines=1000), Till(seconds=1)):
        assert outcome_of(turns(200.0, 400.0), balances, till).verdict == "smaller than asked: not judged"
