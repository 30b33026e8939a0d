"""Months as a calendar shows them: weeks from Monday to Sunday, and on each day what happens."""

import calendar
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from billing.forecast import Fact

_WEEKS = calendar.Calendar(calendar.MONDAY)


@dataclass(frozen=True)
class Day:
    """A square of the grid."""

    on: date
    is_today: bool
    facts: tuple[Fact, ...]

    @property
    def kinds(self) -> str:
        """What is marked on it, as class names: "day-grant day-expiry"."""
        return " ".join(sorted({f"day-{fact.kind}" for fact in self.facts}))


@dataclass(frozen=True)
class Month:
    """A page of the calendar. A week has seven places; those before the first and after the last day are empty."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]


def months(today: date, facts: Iterable[Fact], *, count: int = 2) -> list[Month]:
    """Return this month and those that follow it."""
    by_date: dict[date, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_date[fact.on].append(fact)
    return [_month(_month_after(today, place), today, by_date) for place in range(count)]


def _month_after(today: date, place: int) -> date:
    years, month = divmod(today.month - 1 + place, 12)
    return date(today.year + years, month + 1, 1)


def _month(first: date, today: date, facts: dict[date, list[Fact]]) -> Month:
    def square(on: date) -> Day | None:
        return Day(on, on == today, tuple(facts.get(on, ()))) if on.month == first.month else None

    weeks = _WEEKS.monthdatescalendar(first.year, first.month)
    return Month(first, tuple(tuple(map(square, week)) for week in weeks))
