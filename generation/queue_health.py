"""How the queues do right now, for the status page: what waits, what runs, what became of the last hour.

What belongs here: figures of everybody's runs together, none of anybody's. What does not: their words.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.core.cache import cache
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.utils import timezone

from accounts.ids import first_id
from generation import trainings
from generation.models import Job
from generation.models.job import JobQuerySet

WINDOW = timedelta(hours=1)
# What can start is started within seconds; beyond this something is slow or stands still.
SLOW_AFTER = timedelta(minutes=2)
# Counted no further than this.
_COUNTED = 10_000
_CACHE_KEY, _CACHE_SECONDS = "queue-health:2", 15


@dataclass(frozen=True)
class QueueHealth:
    """Figures of one moment. `oldest_wait` is of the oldest run that could be started; `mean_wait` of the last hour.

    `trainings_oldest_wait` is of the oldest that is not put off.
    """

    at: datetime
    waiting: int
    running: int
    finished: int
    failed: int
    mean_wait: timedelta | None
    oldest_wait: timedelta | None
    trainings_waiting: int
    trainings_running: int
    trainings_oldest_wait: timedelta | None
    trainings_paused: bool

    @property
    def is_slow(self) -> bool:
        """Whether somebody waits longer than usual."""
        return self.oldest_wait is not None and self.oldest_wait > SLOW_AFTER

    @property
    def is_stalled(self) -> bool:
        """Whether runs wait and nothing is being drawn."""
        return self.is_slow and not self.running


def look() -> QueueHealth:
    """Return the figures, at most a quarter of a minute old."""
    return cast(QueueHealth, cache.get_or_set(_CACHE_KEY, measure, _CACHE_SECONDS))


def measure() -> QueueHealth:
    """Count."""
    now = timezone.now()
    drawing, training = Job.objects.pictures(), Job.objects.trainings()
    oldest = _oldest(Job.objects.startable(now))
    oldest_training = _oldest(training.waiting().filter(queued_at__lte=now))
    wait = ExpressionWrapper(F("started_at") - F("created_at"), output_field=DurationField())
    ended = drawing.filter(pk__gte=first_id(now - WINDOW)).aggregate(
        finished=Count("pk", filter=Q(status=Job.Status.FINISHED)),
        failed=Count("pk", filter=Q(status=Job.Status.FAILED)),
        mean_wait=Avg(wait, filter=Q(started_at__isnull=False)),
    )
    return QueueHealth(
        at=now,
        waiting=drawing.waiting()[:_COUNTED].count(),
        running=drawing.filter(status=Job.Status.PROCESSING)[:_COUNTED].count(),
        oldest_wait=now - oldest if oldest else None,
        trainings_waiting=training.waiting()[:_COUNTED].count(),
        trainings_running=training.filter(status=Job.Status.PROCESSING)[:_COUNTED].count(),
        trainings_oldest_wait=now - oldest_training if oldest_training else None,
        trainings_paused=trainings.is_paused(),
        **ended,
    )


def _oldest(runs: JobQuerySet) -> datetime | None:
    return runs.order_by("queued_at").values_list("queued_at", flat=True).first()
