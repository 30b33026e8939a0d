"""`Prefer: wait=N`: an answer that comes when the pictures are there, or after N seconds.

Each waiter holds a thread of the process, so only so many may wait at a time, and of one account no more than half of
them; past them the preference is not applied, which RFC 7240 allows, and the answer says so by its absence from
Preference-Applied.
"""

import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings

from generation.models import Job

WAIT_MAX_SECONDS = 60
_FIRST_PAUSE_SECONDS, _LAST_PAUSE_SECONDS = 0.05, 0.5
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?=$|[,;\s])", re.ASCII | re.IGNORECASE)

_lock = threading.Lock()
_waiting: Counter[uuid.UUID | None] = Counter()


def preferred_seconds(headers: Mapping[str, str]) -> int:
    """Return for how long the caller would like to wait, 60 seconds at most; 0 where nothing is said or understood."""
    match = _WAIT.search(headers.get("Prefer", ""))
    return min(int(match[1]), WAIT_MAX_SECONDS) if match else 0


def wait(headers: Mapping[str, str], job: Job) -> dict[str, str]:
    """Wait as the caller prefers until the run has ended; returns the headers that say whether that was done."""
    seconds = preferred_seconds(headers)
    if not seconds:
        return {}
    with place(job.user_id) as is_free:
        if not is_free:
            return {}
        until_ended(job.pk, seconds)
    return {"Preference-Applied": f"wait={seconds}"}


@contextmanager
def place(user_id: uuid.UUID | None = None) -> Iterator[bool]:
    """Take one of the process's places for waiters for the time of the block; yields whether there was one.

    An account has half of them at most, one at least. Those who do not say for whom they wait count as one account.
    """
    with _lock:
        most = settings.API_WAITERS_MAX
        is_free = _waiting.total() < most and _waiting[user_id] < max(1, most // 2)
        _waiting[user_id] += is_free
    try:
        yield is_free
    finally:
        with _lock:
            _waiting[user_id] -= is_free
            if not _waiting[user_id]:
                del _waiting[user_id]


def until_ended(job_id: uuid.UUID, seconds: float) -> bool:
    """Look again and again until the run has ended; returns False when the time is over before."""
    deadline = time.monotonic() + seconds
    pause = _FIRST_PAUSE_SECONDS
    while Job.objects.filter(pk=job_id, status__in=Job.ACTIVE).exists():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LAST_PAUSE_SECONDS)
    return True
