"""Work that is left to the default queue, told of when the caller's transaction is through."""

import logging
from typing import Any

from django.db import transaction
from django_q.conf import Conf
from django_q.tasks import async_task
from redis import RedisError

CLUSTER = "default"

logger = logging.getLogger(__name__)


def send(task: str, *values: Any) -> None:
    """Let the queue run a function of `billing.tasks`. On the database queue that is part of the transaction.

    A queue elsewhere (Redis) is told after the commit, and its being away is no error of whoever sent the errand: a
    sweep finds the work.
    """
    if Conf.ORM:
        _tell(task, values)
    else:
        # No partial: of a hook that fails Django logs the name, and a partial has none.
        transaction.on_commit(lambda: _tell(task, values), robust=True)


def _tell(task: str, values: tuple[Any, ...]) -> None:
    try:
        async_task(f"billing.tasks.{task}", *values, cluster=CLUSTER)
    except (RedisError, OSError) as error:
        logger.warning("queue is away", extra={"task": task, "error": repr(error)})
