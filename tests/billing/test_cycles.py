"""Cycles: the day never drifts, and each begins at the first instant of its date."""

import calendar
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

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


def renewals(bought_at: datetime, number: int) -> list[datetime]:
    """Return when the shop renews what was bought by the month: on its day in UTC, or the last one before it."""
    months = [divmod(bought_at.month - 1 + place, 12) for place in range(number)]
    dates = [cycles.cycle_date(bought_at.year + years, month + 1, bought_at.day) for years, month in months]
    return [datetime.combine(on, bought_at.timetz()) for on in dates]


@given(DAYS, MODERN_DATES, st.times(), st.integers(-12 * 60, 14 * 60))
def test_consecutive_periods_begin_their_months_in_consecutive_cycles(
    day: int, bought_on: date, at: time, minutes: int
) -> None:
    distance, times = timedelta(minutes=minutes), renewals(datetime.combine(bought_on, at, UTC), 27)
    found = [
        cycles.first_in_period(day, begins, max(begins.day, ends.day), distance) for begins, ends in pairwise(times)
    ]
    assert all(is_cycle_date(day, on) for on in found)
    assert [cycles.next_cycle(day, on) for on in found[:-1]] == found[1:]
    # Within its own time; the zone's end of month may be a day or three beside the shop's.
    for begins, on in zip(times, found, strict=False):
        assert -3 <= (on - (begins + distance).date()).days <= 31


@pytest.mark.parametrize(
    ("day", "bought_on", "found"),
    [
        (15, date(2027, 3, 15), [(3, 15), (4, 15), (5, 15)]),
        (15, date(2027, 3, 10), [(3, 15), (4, 15), (5, 15)]),
        (15, date(2027, 3, 20), [(4, 15), (5, 15), (6, 15)]),
        # Signed up on the 31st, bought on the 30th.
        (31, date(2027, 1, 30), [(1, 31), (2, 28), (3, 31), (4, 30)]),
        # And the other way round: as it is meant, the 31st is after the 30th, April's too.
        (30, date(2027, 1, 31), [(2, 28), (3, 30), (4, 30), (5, 30)]),
        (29, date(2028, 1, 31), [(2, 29), (3, 29), (4, 29)]),
    ],
)
def test_a_month_begins_with_the_first_cycle_on_or_after_its_day(
    day: int, bought_on: date, found: list[tuple[int, int]]
) -> None:
    times = renewals(datetime.combine(bought_on, datetime.min.time(), UTC), len(found) + 1)
    dates = [cycles.first_in_period(day, at, bought_on.day, timedelta()) for at in times[: len(found)]]
    assert [(on.month, on.day) for on in dates] == found


@given(DAYS, DATES, st.integers(0, 24))
def test_months_after_counts_cycles(day: int, on: date, months: int) -> None:
    began = counted = cycles.current_cycle(day, on)
    for _ in range(months):
        counted = cycles.next_cycle(day, counted)
    assert cycles.months_after(day, began, months) == counted
