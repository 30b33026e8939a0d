"""Each cluster's sign of life, left in the cache whenever a worker takes or ends a task.

The supervisor reads it: a cluster with waiting tasks that is neither busy nor taking any is deaf.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.dispatch import receiver
from django_q.signals import post_execute_in_worker, pre_execute

_LIFETIME_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Pulse:
    """What a cluster did last: took a task (busy) or ended one; `at` is a Unix time."""

    is_busy: bool
    at: float


def read(worker_name: str) -> Pulse | None:
    """Return the last sign of life, or None when there was none yet."""
    found: Pulse | None = cache.get(f"pulse:{worker_name}")
    return found


@receiver(pre_execute)
def _took_a_task(**_: Any) -> None:
    _leave(is_busy=True)


@receiver(post_execute_in_worker)
def _ended_a_task(**_: Any) -> None:
    _leave(is_busy=False)


def _leave(*, is_busy: bool) -> None:
    cache.set(f"pulse:{settings.WORKER_NAME}", Pulse(is_busy, time.time()), _LIFETIME_SECONDS)
