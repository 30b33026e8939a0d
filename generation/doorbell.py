"""Tell a cluster that there is work. Never which: whoever comes decides that from the tables."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.tasks import async_task

from billing.ledger_rows import Statement

CLUSTER = "gpu"
TRAINING_CLUSTER = "training"
# Webhooks are carried beside everything else that is no drawing.
COURIER_CLUSTER = "default"
_WAKE = "generation.tasks.wake"
_TASKS = {CLUSTER: _WAKE, TRAINING_CLUSTER: "generation.tasks.train"}


def ring(cluster: str = CLUSTER) -> None:
    """Ring once for those who draw, or train. On the database queue the ring is part of the caller's transaction.

    A queue elsewhere (Redis) is told after the commit; should that be lost, the reaper rings again.
    """
    _ring(_TASKS[cluster], cluster)


def ringing(cluster: str = CLUSTER) -> Sequence[Statement]:
    """Return the ring as what is to be written in this transaction, for whoever writes more with it.

    Nothing, where the queue is elsewhere: it is told after the commit.
    """
    if not Conf.ORM:
        ring(cluster)
        return []
    sheet = _Sheet(cluster)
    async_task(_TASKS[cluster], cluster=cluster, broker=sheet)
    statements: Sequence[Statement] = get_broker(cluster).enqueueing(sheet.task)
    return statements


def unanswered(cluster: str = CLUSTER) -> list[int]:
    """Return the rings that nobody has come for yet; none where the queue is elsewhere, whose rings cost little."""
    if not Conf.ORM:
        return []
    rings: list[int] = get_broker(cluster).waiting()
    return rings


def answer(rings: Sequence[int], cluster: str = CLUSTER) -> None:
    """Forget rings, for whoever has looked since `unanswered` returned them and found nothing to do.

    What rings is written before its ring, or with it: whoever looks after the ring has seen it.
    """
    if rings:
        get_broker(cluster).forget(rings)


def ring_courier() -> None:
    """Ring once for those who carry webhooks; should it be lost, the sweep of the next minute carries them."""
    _ring("generation.api.tasks.deliver", COURIER_CLUSTER)


def ring_exporter() -> None:
    """Ring once for those who write exports; should it be lost, the sweep of the next minute begins them."""
    _ring("generation.tasks.begin_exports", COURIER_CLUSTER)


def ring_eraser() -> None:
    """Ring once for those who erase accounts; should it be lost, the sweep of the next minute goes on."""
    _ring("generation.tasks.erase_accounts", COURIER_CLUSTER)


def ring_installer() -> None:
    """Ring once for those who install models; should it be lost, the sweep of the next minute begins them."""
    _ring("generation.tasks.install_models", COURIER_CLUSTER)


def ring_teller(job_id: uuid.UUID) -> None:
    """Let it be told that a training has ended; should this be lost, its page tells it all the same."""
    _ring("generation.tasks.tell_training", COURIER_CLUSTER, str(job_id))


def ring_warner(job_id: uuid.UUID) -> None:
    """Let the operators be told that a model's files are damaged; should this be lost, its next run says it again."""
    _ring("generation.tasks.warn_of_damaged_model", COURIER_CLUSTER, str(job_id))


def _ring(task: str, cluster: str, *values: str) -> None:
    if Conf.ORM:
        async_task(task, *values, cluster=cluster)
    else:
        # The work is in its table by then: a queue that is away is no error of whoever sent it.
        transaction.on_commit(lambda: async_task(task, *values, cluster=cluster), robust=True)


class _Sheet:
    """What django-q2 takes for a broker: keeps the task as it would be written."""

    def __init__(self, cluster: str) -> None:
        self.list_key = cluster
        self.task = ""

    def enqueue(self, task: str) -> None:
        self.task = task
