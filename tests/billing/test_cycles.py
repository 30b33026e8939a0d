"""Cycles: the day never drifts, and each begins at the first instant of its date."""

import calendar
import zoneinfo
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import cycles

DAYS = st.integers(1, 31)
DATES = st.dates(date(2000, 1, 2), date(2099, 12, 30))
# Rules that are in force; further back there are gaps that begin before midnight and end after it.
MODERN_DATES = st.dates(date(2020, 1, 2), date(2035, 12, 30))
ZONES = st.sampled_from(sorted(zoneinfo.available_timezones() - {"localtime"}))


def is_cycle_date(day: int, on: date) -> bool:
    """Say it without the module under test: the day itself, or the last day of a month that lacks it."""
    return on.day == day or (on.day < day and (on + timedelta(days=1)).month != on.month)


@pytest.mark.parametrize(
    ("day", "dates"),
    [
        (31, [(2027, 1, 31), (2027, 2, 28), (2027, 3, 31), (2027, 4, 30), (2027, 5, 31)]),
        (30, [(2028, 1, 30), (2028, 2, 29), (2028, 3, 30)]),
        (29, [(2027, 1, 29), (2027, 2, 28), (2027, 3, 29)]),
        (15, [(2027, 11, 15), (2027, 12, 15), (2028, 1, 15)]),
    ],
)
def test_next_cycle_comes_back_to_the_original_day(day: int, dates: list[tuple[int, int, int]]) -> None:
    expected = [date(*parts) for parts in dates]
    found = [expected[0]]
    while len(found) < len(expected):
        found.append(cycles.next_cycle(day, found[-1]))
    assert found == expected


@given(DAYS, DATES)
def test_next_cycle_is_the_first_cycle_date_after(day: int, on: date) -> None:
    following = cycles.next_cycle(day, on)
    passed = [on + timedelta(days=days) for days in range(1, (following - on).days)]
    assert following > on
    assert is_cycle_date(day, following)
    assert not any(is_cycle_date(day, skipped) for skipped in passed)


@given(DAYS, DATES)
def test_current_cycle_began_today_or_before_and_the_next_has_not(day: int, today: date) -> None:
    began = cycles.current_cycle(day, today)
    assert is_cycle_date(day, began)
    assert began <= today < cycles.next_cycle(day, began)


@given(DAYS, st.integers(2000, 2099))
def test_a_year_has_one_cycle_in_each_month(day: int, year: int) -> None:
    dates = [cycles.cycle_date(year, month, day) for month in range(1, 13)]
    assert [on.month for on in dates] == list(range(1, 13))
    assert all(on.day == min(day, calendar.monthrange(year, on.month)[1]) for on in dates)


@given(MODERN_DATES, ZONES)
def test_a_date_starts_at_its_first_instant(on: date, name: str) -> None:
    zone = zoneinfo.ZoneInfo(name)
    start = cycles.starts_at(on, zone)
    assert start.tzinfo is UTC
    assert start.astimezone(zone).date() == on
    assert (start - timedelta(microseconds=1)).astimezone(zone).date() < on


@pytest.mark.parametrize(
    ("zone", "on", "start"),
    [
        # Summer time begins at midnight: 00:00 does not exist, the date begins at 01:00.
        ("Africa/Cairo", date(2027, 4, 30), datetime(2027, 4, 29, 22, tzinfo=UTC)),
        ("Asia/Beirut", date(2027, 3, 28), datetime(2027, 3, 27, 22, tzinfo=UTC)),
        # Summer time ends at 01:00, which becomes midnight for the second time: the first counts.
        ("America/Havana", date(2027, 11, 7), datetime(2027, 11, 7, 4, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 3, 29), datetime(2027, 3, 28, 22, tzinfo=UTC)),
        ("Asia/Kathmandu", date(2027, 1, 1), datetime(2026, 12, 31, 18, 15, tzinfo=UTC)),
        ("Pacific/Kiritimati", date(2027, 1, 1), datetime(2026, 12, 31, 10, tzinfo=UTC)),
        # The island skipped this date whole.
        ("Pacific/Apia", date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_midnights_that_are_skipped_or_come_twice(zone: str, on: date, start: datetime) -> None:
    assert cycles.starts_at(on, zoneinfo.ZoneInfo(zone)) == start


def test_cycle_day_is_the_day_where_the_person_lives() -> None:
    joined = datetime(2027, 1, 31, 23, 30, tzinfo=UTC)
    days = [cycles.cycle_day(joined, zoneinfo.ZoneInfo(name)) for name in ("UTC", "Europe/Berlin")]
    assert days == [31, 1]
