"""Bars by day, plain or stacked, as plain geometry: shares of a width, pixels of a height, words at the axes.

Templates draw it. Widths are in percent, so that a plot fits a phone and a desk without its words being scaled;
heights are in pixels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

HEIGHT = 168
_TOP = 10
_FOOT = 24  # where the dates stand
_TICKS = 4
_MARKS = 4
_GAP = 0.28  # of a bar's place
# A day with anything at all is seen.
_LEAST = 2.0


@dataclass(frozen=True)
class Series:
    """One of several figures of each day: its name, the figures, and its colour of `plots.css` (.plot-TONE).

    `words` says the figures where they are not what they say: a piece that stands on another, both said from zero.
    """

    name: str
    figures: Sequence[int]
    tone: str = "accent"
    words: Sequence[str] = ()


@dataclass(frozen=True)
class Part:
    """A piece of a bar: its place in pixels, its colour, its figure in words, and whether there is nothing to tell."""

    y: str
    height: str
    tone: str
    text: str
    is_nothing: bool


@dataclass(frozen=True)
class Bar:
    """A day: its place (`left`, `room`, in percent) and its bar within (`x`, `width` in percent, `y`, `height`)."""

    left: str
    room: str
    x: str
    width: str
    y: str
    height: str
    label: str
    text: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Tick:
    """A line across, and the number beside it."""

    y: str
    text_y: str
    text: str


@dataclass(frozen=True)
class Mark:
    """A date below; `anchor` keeps the first and the last within the plot."""

    x: str
    anchor: str
    text: str


@dataclass(frozen=True)
class Plot:
    """Bars with their axes. `rows` says the same in words: the date and the figures of each bar.

    `series` is of stacked bars alone: what their pieces are, the lowest first.
    """

    title: str
    summary: str
    height: int
    floor: int
    text_y: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    series: tuple[Series, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """What the table's columns are called, beside the day's."""
        return tuple(one.name for one in self.series) or (self.title,)

    @property
    def rows(self) -> tuple[Bar, ...]:
        """The bars as lines of a table, the newest first; days of nothing are left out."""
        return tuple(bar for bar in self.bars[::-1] if not all(part.is_nothing for part in bar.parts))


def bars(
    days: Sequence[tuple[date, int]],
    *,
    title: str,
    summary: str,
    in_words: Callable[[int], str],
    in_short: Callable[[int], str] | None = None,
    words: Sequence[str] = (),
) -> Plot:
    """Return a bar for each day. in_words: a figure in full; in_short: as the axis has room for it (default: 15k).

    `words` says the days' figures where those alone do not tell it.
    """
    series = Series("", [figure for _, figure in days], words=words)
    return _plot([on for on, _ in days], (series,), (), title, summary, in_words, in_short or shorten)


def stacks(
    dates: Sequence[date],
    series: Sequence[Series],
    *,
    title: str,
    summary: str,
    in_words: Callable[[int], str],
    in_short: Callable[[int], str] | None = None,
) -> Plot:
    """Return a bar for each day with a piece for each of the series, the first at the bottom."""
    return _plot(dates, series, tuple(series), title, summary, in_words, in_short or shorten)


def _plot(
    dates: Sequence[date],
    series: Sequence[Series],
    named: tuple[Series, ...],
    title: str,
    summary: str,
    in_words: Callable[[int], str],
    in_short: Callable[[int], str],
) -> Plot:
    most = max((sum(figures) for figures in zip(*(one.figures for one in series), strict=True)), default=0)
    step = nice_step(most)
    top = step * max(1, -(-most // step))
    scale = _Scale(HEIGHT - _FOOT, top, 100 / max(1, len(dates)))
    return Plot(
        title=title,
        summary=summary,
        height=HEIGHT,
        floor=scale.floor,
        text_y=HEIGHT - 6,
        bars=tuple(_bar(on, place, series, scale, in_words) for place, on in enumerate(dates)),
        ticks=tuple(
            Tick(_number(scale.y(figure)), _number(scale.y(figure) + 4), in_short(figure))
            for figure in range(0, top + 1, step)
        ),
        marks=tuple(_marks(list(dates), scale.room)),
        series=named,
    )


def nice_step(largest: int) -> int:
    """Return a step of 1, 2 or 5 times a power of ten that reaches the largest figure in at most four."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power * _TICKS >= largest:
                return digit * power
        power *= 10


def shorten(figure: int) -> str:
    """Return a figure as an axis has room for it: 950, 1,500, 15k, 2.5M."""
    for unit, size in (("M", 1_000_000), ("k", 1000)):
        if figure >= 10_000 and figure >= size:
            return f"{figure / size:.1f}".removesuffix(".0") + unit
    return f"{figure:,}"


def date_words(on: date) -> str:
    """Return a date as the plots say it: 15 Mar 2027."""
    return f"{on.day} {on:%b %Y}"


@dataclass(frozen=True)
class _Scale:
    """Where figures stand: zero at `floor`, `top` just below the frame; `room` is a day's width in percent."""

    floor: int
    top: int
    room: float

    def y(self, figure: float) -> float:
        return self.floor - (self.floor - _TOP) * figure / self.top


def _bar(on: date, place: int, series: Sequence[Series], scale: _Scale, in_words: Callable[[int], str]) -> Bar:
    parts, below, y = [], 0, float(scale.floor)
    for one in series:
        figure = one.figures[place]
        height = max(_LEAST, y - scale.y(below + figure)) if figure else 0.0
        # What little figures below have taken too much, a large one gives; the frame is never left.
        y, below = max(0.0, y - height), below + figure
        text = one.words[place] if one.words else in_words(figure)
        parts.append(Part(_number(y), _number(height), one.tone, text, is_nothing=not figure and not one.words))
    words = [f"{one.name} {part.text}".lstrip() for one, part in zip(series, parts, strict=True)]
    return Bar(
        left=_percent(place * scale.room),
        room=_percent(scale.room),
        x=_percent(place * scale.room + scale.room * _GAP / 2),
        width=_percent(scale.room * (1 - _GAP)),
        y=_number(y),
        height=_number(scale.floor - y),
        label=date_words(on),
        text=", ".join(words),
        parts=tuple(parts),
    )


def _marks(dates: list[date], room: float) -> list[Mark]:
    """Return a few dates, evenly apart, the first and the last among them."""
    last = len(dates) - 1
    places = (
        sorted({round(number * last / (_MARKS - 1)) for number in range(_MARKS)}) if last > 0 else range(len(dates))
    )
    anchors = {0: "start", last: "end"}
    marks = []
    for place in places:
        anchor = anchors.get(place, "middle") if last > 0 else "middle"
        edge = {"start": place, "middle": place + 0.5, "end": place + 1}[anchor]
        marks.append(Mark(_percent(edge * room), anchor, f"{dates[place].day} {dates[place]:%b}"))
    return marks


def _percent(share: float) -> str:
    return f"{_number(share)}%"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
