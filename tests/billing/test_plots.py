"""The geometry of bars: in their frame, in proportion, with axes whose numbers are round."""

from datetime import date, timedelta

import pytest

from billing import plots
from billing.plots import Plot

FIRST = date(2027, 3, 1)


def plot(*figures: int) -> Plot:
    days = [(FIRST + timedelta(days=number), figure) for number, figure in enumerate(figures)]
    return plots.bars(days, title="Credits", summary="all", in_words=lambda figure: f"{figure:,}")


def percent(text: str) -> float:
    return float(text.removesuffix("%"))


@pytest.mark.parametrize("figures", [(0,), (5,), (0, 0, 0), tuple(range(30)), (1, 10**9), (7,) * 365])
def test_everything_lies_within_the_frame(figures: tuple[int, ...]) -> None:
    drawn = plot(*figures)
    assert len(drawn.bars) == len(figures)
    for bar in drawn.bars:
        assert 0 <= percent(bar.left) <= percent(bar.x)
        assert percent(bar.x) + percent(bar.width) <= percent(bar.left) + percent(bar.room) <= 100.2
        assert 0 <= float(bar.y) <= float(bar.y) + float(bar.height) <= drawn.floor + 0.01
    assert all(0 <= float(tick.y) <= drawn.floor for tick in drawn.ticks)


@pytest.mark.parametrize("days", [[(3, 1), (0, 0), (0, 2)], [(1, 10**6), (10**6, 1)], [(1, 1)] * 90])
def test_stacked_pieces_stand_on_each_other_within_the_frame(days: list[tuple[int, int]]) -> None:
    done, failed = (list(figures) for figures in zip(*days, strict=True))
    series = [plots.Series("Finished", done), plots.Series("Failed", failed, "danger")]
    dates = [FIRST + timedelta(days=number) for number in range(len(days))]

    drawn = plots.stacks(dates, series, title="Runs", summary="all", in_words=str)

    for bar, figures in zip(drawn.bars, days, strict=True):
        lower, upper = bar.parts
        assert float(upper.y) + float(upper.height) == pytest.approx(float(lower.y), abs=0.01)
        assert float(lower.y) + float(lower.height) == pytest.approx(drawn.floor, abs=0.01)
        assert 0 <= float(bar.y) == float(upper.y)
        assert bar.text == f"Finished {figures[0]}, Failed {figures[1]}"
        assert (lower.text, upper.text, upper.tone) == (str(figures[0]), str(figures[1]), "danger")
    assert drawn.columns == ("Finished", "Failed")


def test_bars_are_in_proportion() -> None:
    drawn = plot(100, 50, 0)
    whole, half, none = (float(bar.height) for bar in drawn.bars)
    assert half == pytest.approx(whole / 2)
    assert none == 0


def test_a_little_beside_much_is_still_seen() -> None:
    assert float(plot(1, 1_000_000).bars[0].height) >= 2


@pytest.mark.parametrize(
    ("largest", "step"), [(0, 1), (1, 1), (4, 1), (5, 2), (9, 5), (21, 10), (400, 100), (401, 200), (15000, 5000)]
)
def test_steps_are_round_and_few(largest: int, step: int) -> None:
    assert plots.nice_step(largest) == step
    assert len(plot(largest).ticks) <= 5


@pytest.mark.parametrize(
    ("figure", "text"),
    [(0, "0"), (950, "950"), (1500, "1,500"), (10_000, "10k"), (12_500, "12.5k"), (2_500_000, "2.5M")],
)
def test_figures_are_shortened_for_the_axis(figure: int, text: str) -> None:
    assert plots.shorten(figure) == text


def test_dates_stand_below_the_first_and_last_within_the_frame() -> None:
    marks = plot(*range(30)).marks
    assert [mark.text for mark in marks] == ["1 Mar", "11 Mar", "20 Mar", "30 Mar"]
    assert [(mark.anchor, mark.x) for mark in (marks[0], marks[-1])] == [("start", "0%"), ("end", "100%")]
    assert [mark.text for mark in plot(1).marks] == ["1 Mar"]
    assert plot().marks == ()


def test_the_rows_say_the_same_the_newest_first_without_days_of_nothing() -> None:
    assert [row.text for row in plot(1, 0, 2000).rows] == ["2,000", "1"]
    assert [(row.label, row.text) for row in plot(1, 2000).rows] == [("2 Mar 2027", "2,000"), ("1 Mar 2027", "1")]
