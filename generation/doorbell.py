"""Tell the gpu cluster that there is work. Never which: the claim decides that."""

from django.db import transaction
from django_q.conf import Conf
from django_q.tasks import async_task

CLUSTER = "gpu"


def ring() -> None:
    """Ring once. On the database queue the ring is part of the caller's transaction.

    A queue elsewhere (Redis) is told after the commit; should that be lost, the reaper rings again.
    """
    if Conf.ORM:
        _enqueue()
    else:
        # The run is in the table by then: a queue that is away is no error of whoever sent it.
        transaction.on_commit(_enqueue, robust=True)


def _enqueue() -> None:
    async_task("generation.tasks.wake", cluster=CLUSTER)
