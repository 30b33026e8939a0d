"""Work that is left to the default queue, told of when the caller's transaction is through."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django_q.conf import Conf
from django_q.tasks import async_task
from redis import RedisError

CLUSTER = "default"

logger = logging.getLogger(__name__)


def send(task: str, *values: Any, otherwise: Callable[[], object] | None = None) -> None:
    """Let the queue run a function of `billing.tasks`. On the database queue that is part of the transaction.

    A queue elsewhere (Redis) is told after the commit, and its being away is no error of whoever sent the errand: a
    sweep finds the work, or `otherwise` does it at once where none does.
    """
    if Conf.ORM:
        _tell(task, values)
    else:
        # No partial: of a hook that fails Django logs the name, and a partial has none.
        transaction.on_commit(lambda: _tell(task, values, otherwise), robust=True)


def _tell(task: str, values: tuple[Any, ...], otherwise: Callable[[], object] | None = None) -> None:
    try:
        async_task(f"billing.tasks.{task}", *values, cluster=CLUSTER)
    except (RedisError, OSError) as error:
        if otherwise is None:
            raise
        logger.warning("queue is away", extra={"task": task, "error": repr(error)})
        otherwise()
