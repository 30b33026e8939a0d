"""How long the workers of a cluster were up, by day, on all hosts together: each supervisor counts its own.

What belongs here: the days' sums. What does not: whether a cluster is up now (`cluster_life`). Days are UTC's.
"""

import socket
import time
from datetime import UTC, date

from django.db.models import F, Min, Sum
from django.utils import timezone

from getimg_site.models import WorkerTime

WRITE_SECONDS = 60.0
_HOST_MAX_LENGTH = 64


class Watch:
    """The time since a cluster was first seen whole, of which nothing has been written down yet."""

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster
        self._since: float | None = None

    def run(self) -> None:
        """Begin, where it does not run."""
        if self._since is None:
            self._since = time.monotonic()

    def is_due(self) -> bool:
        """Whether it is time to write down how long it has run."""
        return self._since is not None and time.monotonic() - self._since >= WRITE_SECONDS

    def write(self, workers: int) -> bool:
        """Write down how long so many workers were up, and go on from there."""
        if self._since is not None:
            now = time.monotonic()
            add(self._cluster, socket.gethostname(), workers * (now - self._since))
            self._since = now
        return True

    def stop(self) -> None:
        """The cluster is no longer whole."""
        self._since = None


def add(cluster: str, host: str, seconds: float) -> None:
    """Add to what this host's workers have of today."""
    today, host = timezone.now().astimezone(UTC).date(), host[:_HOST_MAX_LENGTH]
    row = WorkerTime.objects.filter(cluster=cluster, on=today, host=host)
    if not row.update(seconds=F("seconds") + seconds):
        # Another supervisor of this host may write the day's first row in the same moment.
        WorkerTime.objects.bulk_create([WorkerTime(cluster=cluster, on=today, host=host)], ignore_conflicts=True)
        row.update(seconds=F("seconds") + seconds)


def by_day(cluster: str, since: date) -> dict[date, float]:
    """Return the seconds of the days from then on; days of which none were counted are left out."""
    rows = WorkerTime.objects.filter(cluster=cluster, on__gte=since).order_by()
    return dict(rows.values_list("on").annotate(Sum("seconds")))


def counted_since(cluster: str) -> date | None:
    """Return the first day that was counted; None: none was yet."""
    first: date | None = WorkerTime.objects.filter(cluster=cluster).aggregate(first=Min("on"))["first"]
    return first
