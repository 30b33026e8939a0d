"""Bars by day as plain geometry: shares of a width, pixels of a height, words at the axes. Templates draw it.

Widths are in percent, so that a plot fits a phone and a desk without its words being scaled; heights are in pixels.
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
    """Bars with their axes. `rows` says the same in words: the date and the figure of each bar."""

    title: str
    summary: str
    height: int
    floor: int
    text_y: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]

    @property
    def rows(self) -> tuple[Bar, ...]:
        """The bars as lines of a table, the newest first."""
        return self.bars[::-1]


def bars(
    days: Sequence[tuple[date, int]],
    *,
    title: str,
    summary: str,
    in_words: Callable[[int], str],
    in_short: Callable[[int], str] | None = None,
) -> Plot:
    """Return a bar for each day. in_words: a figure in full; in_short: as the axis has room for it (default: 15k)."""
    in_short = in_short or shorten
    step = nice_step(max((figure for _, figure in days), default=0))
    top = step * max(1, -(-max((figure for _, figure in days), default=0) // step))
    floor = HEIGHT - _FOOT
    room = 100 / max(1, len(days))

    def y(figure: float) -> float:
        return floor - (floor - _TOP) * figure / top

    return Plot(
        title=title,
        summary=summary,
        height=HEIGHT,
        floor=floor,
        text_y=HEIGHT - 6,
        bars=tuple(
            _bar(on, figure, place * room, room, floor, y(figure), in_words) for place, (on, figure) in enumerate(days)
        ),
        ticks=tuple(
            Tick(_number(y(figure)), _number(y(figure) + 4), in_short(figure)) for figure in range(0, top + 1, step)
        ),
        marks=tuple(_marks([on for on, _ in days], room)),
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


def _bar(
    on: date, figure: int, left: float, room: float, floor: float, top: float, in_words: Callable[[int], str]
) -> Bar:
    height = max(_LEAST, floor - top) if figure else 0.0
    return Bar(
        left=_percent(left),
        room=_percent(room),
        x=_percent(left + room * _GAP / 2),
        width=_percent(room * (1 - _GAP)),
        y=_number(floor - height),
        height=_number(height),
        label=date_words(on),
        text=in_words(figure),
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
