"""Work that is left to the default queue, told of when the caller's transaction is through."""

from functools import partial
from typing import Any

from django.db import transaction
from django_q.conf import Conf
from django_q.tasks import async_task

CLUSTER = "default"


def send(task: str, *values: Any) -> None:
    """Let the queue run a function of `billing.tasks`. On the database queue that is part of the transaction.

    A queue elsewhere (Redis) is told after the commit; whatever must not be lost is found by a sweep too.
    """
    errand = partial(async_task, f"billing.tasks.{task}", *values, cluster=CLUSTER)
    if Conf.ORM:
        errand()
    else:
        transaction.on_commit(errand, robust=True)
