import math

from generation.loss_plot import HEIGHT, WIDTH, plot_of


def points(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in text.split())]


def test_a_falling_loss_falls_on_the_page_from_the_left_to_the_right_edge() -> None:
    plot = plot_of([[step, 1 / step] for step in range(1, 101)])
    assert plot is not None
    line = points(plot.line)
    assert line[-1][0] == WIDTH
    assert [y for _, y in line] == sorted(y for _, y in line)
    assert all(0 <= y <= HEIGHT for _, y in points(plot.raw))
    assert plot.last_step == 100
    assert [tick.text for tick in plot.ticks] == ["0", "0.5", "1"]


def test_the_line_is_calmer_than_what_was_measured() -> None:
    plot = plot_of([[step, 0.5 + 0.4 * (-1) ** step] for step in range(1, 101)])
    assert plot is not None
    late = [y for _, y in points(plot.line)[50:]]
    assert max(late) - min(late) < 20


def test_long_curves_are_thinned_and_what_is_no_number_is_left_out() -> None:
    plot = plot_of([[step, math.nan if step % 7 == 0 else 0.1] for step in range(1, 10_000)])
    assert plot is not None
    assert len(points(plot.line)) <= 400
    assert "nan" not in plot.line


def test_there_is_no_plot_of_less_than_two_points_and_one_of_zeros() -> None:
    assert plot_of([]) is None
    assert plot_of([[1, 0.5]]) is None
    assert plot_of([[1, 0.0], [2, 0.0]]) is not None
