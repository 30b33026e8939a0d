"""Everybody's runs by day, for operators: how they ended, how long they waited, how busy the workers were.

What belongs here: sums of the last days, worked out by the database. What does not: how they are drawn, and how the
queues do right now (`queue_health`). Days are UTC's; a run counts on the day on which it ended. Trainings have
workers of their own: they are among the runs that ended, not in the queue's and the workers' figures.

An ended run never changes, so a day that is over is counted once and kept: of a million runs, only today's are read.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncDate

from generation.models import Job
from generation.task_names import TRAINING

# What the two databases call the same: the day of a moment, and the seconds between two.
_DIALECTS = {
    "postgresql": {
        "day": "(({}) AT TIME ZONE 'UTC')::date",
        "seconds": "EXTRACT(EPOCH FROM ({}) - ({}))::float8",
    },
    "sqlite": {"day": "date({})", "seconds": "(julianday({}) - julianday({})) * 86400"},
}
# A rank, rounded up, of a day's waits in their order; what ended without a start did not get its turn.
_WAITS = """
SELECT day, MIN(CASE WHEN place >= 0.5 * places THEN seconds END),
  MIN(CASE WHEN place >= 0.95 * places THEN seconds END)
FROM (
  SELECT day, seconds, ROW_NUMBER() OVER (PARTITION BY day ORDER BY seconds) AS place,
    COUNT(*) OVER (PARTITION BY day) AS places
  FROM (
    SELECT {day_ended} AS day, {waited} AS seconds FROM generation_job
    WHERE finished_at >= %s AND task <> %s AND started_at IS NOT NULL
  ) AS waits
) AS ranked GROUP BY day"""
# Runs that shared a pass through the model were claimed in one moment: the pass is counted once.
_BUSY = """
SELECT {day_ended} AS day, SUM(seconds) FROM (
  SELECT MAX(finished_at) AS finished_at, {drawn} AS seconds FROM generation_job
  WHERE finished_at >= %s AND task <> %s AND started_at IS NOT NULL GROUP BY started_at
) AS passes GROUP BY 1"""
# One step up where a run begins to wait and one down where it gets its turn, or ends without; the depth is their sum.
_DEPTHS = """
SELECT day, MAX(depth), SUM(step) FROM (
  SELECT {day_at} AS day, step, SUM(step) OVER (ORDER BY at, step DESC ROWS UNBOUNDED PRECEDING) AS depth FROM (
    SELECT created_at AS at, 1 AS step FROM generation_job WHERE finished_at >= %s AND task <> %s
    UNION ALL
    SELECT COALESCE(started_at, finished_at), -1 FROM generation_job WHERE finished_at >= %s AND task <> %s
    UNION ALL SELECT created_at, 1 FROM generation_job WHERE status = 'NEW' AND task <> %s
    UNION ALL SELECT created_at, 1 FROM generation_job WHERE status = 'PROCESSING' AND task <> %s
    UNION ALL SELECT started_at, -1 FROM generation_job WHERE status = 'PROCESSING' AND task <> %s
  ) AS steps
) AS depths GROUP BY day"""

_NO_WAIT = (0.0, 0.0)
# What ended at midnight is written down by then.
_WRITTEN_AFTER = timedelta(hours=1)
_KEPT_SECONDS = 100 * 86400


@dataclass(frozen=True)
class RunDay:
    """A day. `codes`: how many of the failed had which code. Waits are seconds, of the runs that got their turn."""

    on: date
    finished: int = 0
    failed: int = 0
    canceled: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    median_wait: float = 0.0
    late_wait: float = 0.0
    deepest_queue: int = 0
    busy_seconds: float = 0.0


def runs_by_day(now: datetime, days: int) -> tuple[RunDay, ...]:
    """Return the last days, the oldest first and today the last. `late_wait`: one run in twenty waited longer."""
    today = now.astimezone(UTC).date()
    dates = [today - timedelta(days=number) for number in reversed(range(days))]
    over = [on for on in dates if now >= _start(on + timedelta(days=1)) + _WRITTEN_AFTER]
    found = {day.on: day for day in cache.get_many([_key(on) for on in over]).values()}
    missing = dates[next(place for place, on in enumerate(dates) if on not in found) :]
    counted = {day.on: day for day in _count(missing)}
    cache.set_many({_key(on): counted[on] for on in over if on in counted}, _KEPT_SECONDS)
    return tuple({**found, **counted}[on] for on in dates)


def _key(on: date) -> str:
    """Name a day in the cache; another number, where what is kept of it changes."""
    return f"runs-of-day:1:{on}"


def _start(on: date) -> datetime:
    return datetime.combine(on, datetime.min.time(), tzinfo=UTC)


def _count(dates: list[date]) -> list[RunDay]:
    """Count these days, which follow each other up to today."""
    since = _start(dates[0])
    ended, waits, busy, depths = _ended(since), _waits(since), _busy(since), _deepest(since, dates)
    found = []
    for on in dates:
        count, codes = ended.get(on, ({}, {}))
        finished, failed, canceled = (
            count.get(status, 0) for status in (Job.Status.FINISHED, Job.Status.FAILED, Job.Status.CANCELED)
        )
        median, late = waits.get(on, _NO_WAIT)
        deepest, seconds = depths.get(on, 0), busy.get(on, 0.0)
        found.append(RunDay(on, finished, failed, canceled, codes, median, late, deepest, seconds))
    return found


def _ended(since: datetime) -> dict[date, tuple[dict[str, int], dict[str, int]]]:
    """Return of each day how many ended in which state, and how many failed with which code."""
    ended = Job.objects.filter(finished_at__gte=since).annotate(day=TruncDate("finished_at", tzinfo=UTC)).order_by()
    found: dict[date, tuple[dict[str, int], dict[str, int]]] = {}
    for day, status, code, count in ended.values_list("day", "status", "error_code").annotate(count=Count("*")):
        states, codes = found.setdefault(day, ({}, {}))
        states[status] = states.get(status, 0) + count
        if status == Job.Status.FAILED:
            codes[code] = codes.get(code, 0) + count
    return found


def _waits(since: datetime) -> dict[date, tuple[float, float]]:
    return {day: (float(median), float(late)) for day, median, late in _rows(_WAITS, since, 1)}


def _busy(since: datetime) -> dict[date, float]:
    return {day: float(seconds) for day, seconds in _rows(_BUSY, since, 1)}


def _deepest(since: datetime, dates: list[date]) -> dict[date, int]:
    """Return how many runs waited at most on each day; what waits at its end waits on the next."""
    steps = {day: (int(deepest), int(net)) for day, deepest, net in _rows(_DEPTHS, since, 2, 3)}
    waiting = sum(net for day, (_, net) in steps.items() if day < dates[0])
    found = {}
    for on in dates:
        deepest, net = steps.get(on, (0, 0))
        found[on] = max(deepest, waiting)
        waiting += net
    return found


def _rows(sql: str, since: datetime, of_ended: int, of_active: int = 0) -> list[tuple[Any, ...]]:
    """Run one of the statements above: so many of its parts read ended runs, so many active ones."""
    words = _DIALECTS[connection.vendor]
    day, seconds = words["day"], words["seconds"]
    statement = sql.format(
        day_ended=day.format("finished_at"),
        day_at=day.format("at"),
        waited=seconds.format("started_at", "created_at"),
        drawn=seconds.format("MAX(finished_at)", "started_at"),
    )
    moment = connection.ops.adapt_datetimefield_value(since)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*(moment, TRAINING) * of_ended, *(TRAINING,) * of_active])
        return [(date.fromisoformat(str(day)), *rest) for day, *rest in cursor.fetchall()]
