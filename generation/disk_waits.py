"""How long a training waits for room on the disk, and when it is tried again.

A full disk is the operator's to mend and nobody's fault who trains: no attempt counts.
"""

from datetime import timedelta

from django.utils import timezone

from generation import lifecycle
from generation.models import Job

_PATIENCE = timedelta(hours=24)
_PAUSE_MIN, _PAUSE_MAX = timedelta(seconds=30), timedelta(minutes=10)


def wait(job: Job, attempt: int, *, code: str, message: str) -> None:
    """Put a training back whose disk is full; after 24 hours in which it got no further it fails with this message.

    It is begun again after as long as it has waited already, 30 seconds at least and 10 minutes at most.
    Raises: JobEnded.
    """
    now = timezone.now()
    since = job.disk_full_since or now
    if now - since >= _PATIENCE:
        lifecycle.fail(job, attempt, code=code, message=message)
        return
    pause = min(max(now - since, _PAUSE_MIN), _PAUSE_MAX)
    lifecycle.put_back(job, attempt, queued_at=now + pause, disk_full_since=since)
