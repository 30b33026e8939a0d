"""Tell a cluster that there is work. Never which: whoever comes decides that from the tables."""

from django.db import transaction
from django_q.conf import Conf
from django_q.tasks import async_task

CLUSTER = "gpu"
# Webhooks are carried beside everything else that is no drawing.
COURIER_CLUSTER = "default"


def ring() -> None:
    """Ring once for those who draw. On the database queue the ring is part of the caller's transaction.

    A queue elsewhere (Redis) is told after the commit; should that be lost, the reaper rings again.
    """
    _ring("generation.tasks.wake", CLUSTER)


def ring_courier() -> None:
    """Ring once for those who carry webhooks; should it be lost, the sweep of the next minute carries them."""
    _ring("generation.api.tasks.deliver", COURIER_CLUSTER)


def _ring(task: str, cluster: str) -> None:
    if Conf.ORM:
        async_task(task, cluster=cluster)
    else:
        # The work is in its table by then: a queue that is away is no error of whoever sent it.
        transaction.on_commit(lambda: async_task(task, cluster=cluster), robust=True)
