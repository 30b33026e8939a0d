"""The calendar of subscriptions: counted from the anchor, so that short months never drift."""

from datetime import UTC, datetime

import pytest

from billing.test_shop.periods import month_of, period_end


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]


def test_the_31st_comes_back_after_short_months() -> None:
    anchor = at(2027, 1, 31, 12, 30)
    ends, after = [], anchor
    for _ in range(14):
        after = period_end(anchor, "month", 1, after)
        ends.append(datetime.fromtimestamp(after, UTC).strftime("%m-%d %H:%M"))
    days = [
        "02-28",
        "03-31",
        "04-30",
        "05-31",
        "06-30",
        "07-31",
        "08-31",
        "09-30",
        "10-31",
        "11-30",
        "12-31",
        "01-31",
        "02-29",
        "03-31",
    ]
    assert ends == [f"{day} 12:30" for day in days]


@pytest.mark.parametrize(
    ("anchor", "interval", "count", "after", "expected"),
    [
        (at(2028, 2, 29), "year", 1, at(2028, 2, 29), at(2029, 2, 28)),
        (at(2028, 2, 29), "year", 1, at(2031, 6, 1), at(2032, 2, 29)),
        (at(2027, 1, 15), "month", 3, at(2027, 1, 15), at(2027, 4, 15)),
        (at(2027, 1, 15), "month", 3, at(2027, 7, 14), at(2027, 7, 15)),
        (at(2027, 1, 15), "week", 2, at(2027, 1, 15), at(2027, 1, 29)),
        (at(2027, 1, 15), "day", 1, at(2027, 1, 20), at(2027, 1, 21)),
    ],
)
def test_period_end(anchor: int, interval: str, count: int, after: int, expected: int) -> None:
    assert period_end(anchor, interval, count, after) == expected


def test_month_of() -> None:
    assert month_of(at(2027, 3, 31, 23, 59)) == (2027, 3)
