"""The cache on Redis, which may be away: nothing is remembered then, and nobody gets an error for it.

What must not pass unseen says no: `add` is refused, so that limits of logins and sign-ups, which take a lock by it, let
nobody through whom they cannot count.
"""

import functools
import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

T = TypeVar("T")

logger = logging.getLogger(__name__)

# How long nobody asks again, so that a page with ten looks into the cache does not wait for ten timeouts.
_PAUSE_SECONDS = 1.0
_away_until = 0.0


class ForgivingRedisCache(RedisCache):
    """Redis while it answers; an empty cache while it does not."""

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return _asked(functools.partial(super().add, key, value, timeout, version), otherwise=False)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return _asked(functools.partial(super().get, key, default, version), otherwise=default)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        _asked(functools.partial(super().set, key, value, timeout, version), otherwise=None)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return _asked(functools.partial(super().touch, key, timeout, version), otherwise=False)

    def delete(self, key: str, version: int | None = None) -> bool:
        return _asked(functools.partial(super().delete, key, version), otherwise=False)

    def has_key(self, key: str, version: int | None = None) -> bool:
        return _asked(functools.partial(super().has_key, key, version), otherwise=False)

    def get_many(self, keys: Any, version: int | None = None) -> dict[str, Any]:
        return _asked(functools.partial(super().get_many, keys, version), otherwise={})

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[str]:
        return _asked(functools.partial(super().set_many, data, timeout, version), otherwise=list(data))

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        _asked(functools.partial(super().delete_many, keys, version), otherwise=None)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Raises: ValueError where the key is not there, or cannot be asked for."""
        try:
            return int(super().incr(key, delta, version))
        except RedisError as error:
            raise ValueError(f"Key {key!r} cannot be asked for.") from error


def _asked(ask: Callable[[], T], *, otherwise: T) -> T:
    global _away_until
    if time.monotonic() < _away_until:
        return otherwise
    try:
        return ask()
    except RedisError as error:
        _away_until = time.monotonic() + _PAUSE_SECONDS
        logger.warning("cache is away", extra={"error": repr(error)})
        return otherwise
