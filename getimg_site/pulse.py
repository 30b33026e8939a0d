"""A cluster's sign of life, left whenever one of its workers takes or ends a task.

The supervisor reads it: a cluster with waiting tasks that is neither busy nor taking any is deaf. The sign
lies in memory that the supervisor shares with the cluster it forks, so that no cache that is full, away
or swept can make a busy cluster look deaf.
"""

import time
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawArray
from typing import Any

from django.dispatch import receiver
from django_q.signals import post_execute_in_worker, pre_execute

# [time of the last sign, 1 if that was a task taken]. Without a lock: one who is killed holding it would keep it.
_sign = RawArray("d", 2)


@dataclass(frozen=True)
class Pulse:
    """What a cluster did last: took a task (busy) or ended one; `at` is a Unix time."""

    is_busy: bool
    at: float


def clear() -> None:
    """Begin without a sign: the cluster that left the last one is gone."""
    _sign[:] = [0.0, 0.0]


def read() -> Pulse | None:
    """Return the last sign of life, or None when there was none yet."""
    at, busy = _sign
    return Pulse(bool(busy), at) if at else None


@receiver(pre_execute)
def _took_a_task(**_: Any) -> None:
    _sign[:] = [time.time(), 1.0]


@receiver(post_execute_in_worker)
def _ended_a_task(**_: Any) -> None:
    _sign[:] = [time.time(), 0.0]
