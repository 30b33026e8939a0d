"""A month's grid: whole weeks from Monday, each day once, facts on their day."""

from datetime import date

import pytest

from billing.forecast import Fact, Kind
from billing.month_grid import Month, months


def days(month: Month) -> list[int]:
    return [day.on.day for week in month.weeks for day in week if day is not None]


@pytest.mark.parametrize(
    ("today", "names", "last_days"),
    [
        (date(2028, 2, 29), [(2028, 2), (2028, 3)], [29, 31]),
        (date(2027, 12, 31), [(2027, 12), (2028, 1)], [31, 31]),
        (date(2027, 2, 1), [(2027, 2), (2027, 3)], [28, 31]),
    ],
)
def test_this_month_and_the_next_have_all_their_days(
    today: date, names: list[tuple[int, int]], last_days: list[int]
) -> None:
    drawn = months(today, [])
    assert [(month.first.year, month.first.month) for month in drawn] == names
    assert [days(month) for month in drawn] == [list(range(1, last + 1)) for last in last_days]


def test_a_week_has_seven_places_and_begins_on_monday() -> None:
    [month] = months(date(2027, 3, 15), [], count=1)
    assert {len(week) for week in month.weeks} == {7}
    assert [week[0].on.weekday() for week in month.weeks[1:] if week[0]] == [0] * (len(month.weeks) - 1)


def test_a_fact_stands_on_its_day_and_today_is_marked() -> None:
    on = date(2027, 3, 31)
    facts = [Fact(on, Kind.GRANT, "100 credits come", "", "a"), Fact(on, Kind.EXPIRY, "7 credits expire", "", "b")]
    march, april = months(date(2027, 3, 15), facts)
    found = [day for week in march.weeks + april.weeks for day in week if day and day.facts]
    assert [(day.on, day.kinds) for day in found] == [(on, "day-expiry day-grant")]
    assert [day.on.day for week in march.weeks for day in week if day and day.is_today] == [15]
