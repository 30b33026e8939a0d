"""Tell a cluster that there is work. Never which: whoever comes decides that from the tables."""

from collections.abc import Sequence

from django.db import transaction
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.tasks import async_task

from billing.ledger_rows import Statement

CLUSTER = "gpu"
# Webhooks are carried beside everything else that is no drawing.
COURIER_CLUSTER = "default"
_WAKE = "generation.tasks.wake"


def ring() -> None:
    """Ring once for those who draw. On the database queue the ring is part of the caller's transaction.

    A queue elsewhere (Redis) is told after the commit; should that be lost, the reaper rings again.
    """
    _ring(_WAKE, CLUSTER)


def ringing() -> Sequence[Statement]:
    """Return the ring as what is to be written in this transaction, for whoever writes more with it.

    Nothing, where the queue is elsewhere: it is told after the commit.
    """
    if not Conf.ORM:
        ring()
        return []
    sheet = _Sheet()
    async_task(_WAKE, cluster=CLUSTER, broker=sheet)
    statements: Sequence[Statement] = get_broker(CLUSTER).enqueueing(sheet.task)
    return statements


def ring_courier() -> None:
    """Ring once for those who carry webhooks; should it be lost, the sweep of the next minute carries them."""
    _ring("generation.api.tasks.deliver", COURIER_CLUSTER)


def _ring(task: str, cluster: str) -> None:
    if Conf.ORM:
        async_task(task, cluster=cluster)
    else:
        # The work is in its table by then: a queue that is away is no error of whoever sent it.
        transaction.on_commit(lambda: async_task(task, cluster=cluster), robust=True)


class _Sheet:
    """What django-q2 takes for a broker: keeps the task as it would be written."""

    list_key = CLUSTER
    task = ""

    def enqueue(self, task: str) -> None:
        self.task = task
