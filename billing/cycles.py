"""The calendar of the billing cycle: pure arithmetic, no database, no clock.

A cycle begins on the same day of each month, the day of sign-up; a shorter month has it on its last day, and
the next longer one on the original day again: 31 January → 28 February → 31 March.
"""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def cycle_day(joined_at: datetime, zone: ZoneInfo) -> int:
    """Return the day of the month on which somebody who joined then, living there, begins each cycle."""
    return joined_at.astimezone(zone).day


def cycle_date(year: int, month: int, day: int) -> date:
    """Return the date of the cycle that begins in this month."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def current_cycle(day: int, today: date) -> date:
    """Return the date on which the cycle that runs today began."""
    this_month = cycle_date(today.year, today.month, day)
    if this_month <= today:
        return this_month
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    return cycle_date(year, month, day)


def next_cycle(day: int, on: date) -> date:
    """Return the first date after `on` on which a cycle begins."""
    this_month = cycle_date(on.year, on.month, day)
    if this_month > on:
        return this_month
    year, month = (on.year, on.month + 1) if on.month < 12 else (on.year + 1, 1)
    return cycle_date(year, month, day)


def months_after(day: int, on: date, months: int) -> date:
    """Return the date of the cycle that begins so many months after the one of `on`."""
    years, month = divmod(on.month - 1 + months, 12)
    return cycle_date(on.year + years, month + 1, day)


def first_in_period(day: int, begins: datetime, paid_on: int, distance: timedelta) -> date:
    """Return the date of the first cycle that begins on or after a period that is paid on the same day each month.

    begins: in UTC, as the shop counts; paid_on: the day of the month there, which a short month brings forward;
    distance: of the person's zone to UTC. Counted from the day as it is meant, not as a short month has it, so that
    consecutive periods have consecutive cycles.
    """
    moved = (begins + distance).date() - begins.date()
    meant, months = paid_on + moved.days, 0
    if meant == 0:
        meant, months = 31, -1
    elif meant > 31:
        meant, months = 1, 1
    return months_after(day, begins.date(), months if day >= meant else months + 1)


def starts_at(on: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a date somewhere, in UTC.

    A midnight that daylight saving skips becomes the instant of the change, one that comes twice its first
    coming: that is what `fold=0` means. Source: PEP 495.
    """
    return datetime.combine(on, time.min, tzinfo=zone).astimezone(UTC)
