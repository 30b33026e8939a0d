"""The calendar of subscriptions, in UTC: each period's end is counted from the anchor, so short months never drift."""

import calendar
from datetime import UTC, datetime, timedelta

_DAYS = {"day": 1, "week": 7}


def month_of(moment: int) -> tuple[int, int]:
    """Return the year and month of a moment."""
    at = datetime.fromtimestamp(moment, UTC)
    return at.year, at.month


def period_end(anchor: int, interval: str, count: int, after: int) -> int:
    """Return the first moment after `after` that lies whole intervals from the anchor: 31 January, 28 February."""
    begin = datetime.fromtimestamp(anchor, UTC)
    if interval in _DAYS:
        length = int(timedelta(days=_DAYS[interval] * count).total_seconds())
        return anchor + ((after - anchor) // length + 1) * length
    step = count * (12 if interval == "year" else 1)
    year, month = month_of(after)
    passed = (year - begin.year) * 12 + month - begin.month
    number = max(0, passed // step)
    while (end := int(_months_on(begin, number * step).timestamp())) <= after:
        number += 1
    return end


def _months_on(begin: datetime, months: int) -> datetime:
    year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
    return begin.replace(year=year, month=month + 1, day=min(begin.day, calendar.monthrange(year, month + 1)[1]))
