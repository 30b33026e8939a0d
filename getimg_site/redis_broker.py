"""The queue's broker on Redis, which may be away for a while, or so cut off that not even a refusal comes.

django-q2's own asks without a time limit, and ends its pusher at the first error; the supervisor would then start the
whole cluster anew, and what it is drawing with it.
"""

import contextlib
import logging
import time
from typing import Any

from django_q.brokers.redis_broker import Redis as RedisBroker
from django_q.conf import Conf
from redis import Redis, RedisError

logger = logging.getLogger(__name__)

_CONNECT_SECONDS = 2.0
# Longer than the second for which an empty queue lets a cluster wait.
_ANSWER_SECONDS = 4.0
_PAUSE_SECONDS = 1.0


class PatientRedis(RedisBroker):
    """Waits for a Redis that is away, and asks again."""

    def dequeue(self) -> Any:
        try:
            return super().dequeue()
        except RedisError as error:
            logger.warning("queue cannot look", extra={"queue": self.list_key, "error": repr(error)})
            time.sleep(_PAUSE_SECONDS)
            return []

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """Tell how the cluster is, twice a second; who is not told need not be told why."""
        with contextlib.suppress(RedisError):
            super().set_stat(key, value, timeout)

    @staticmethod
    def get_connection(list_key: str | None = None) -> Redis:  # noqa: ARG004 (django-q2's signature)
        return Redis.from_url(Conf.REDIS, socket_connect_timeout=_CONNECT_SECONDS, socket_timeout=_ANSWER_SECONDS)
