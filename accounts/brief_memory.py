"""A small table that is asked for at every request, read once in a few seconds by each process.

What belongs here: rows of which there are a handful, which seldom change and may be a few seconds old. What does not:
anything about one person.
"""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import DatabaseError

KEPT_SECONDS = 5.0

T = TypeVar("T")


class BriefMemory(Generic[T]):
    """What `read` returned, for a few seconds; after a change in this process, until the next question."""

    def __init__(self, read: Callable[[], T], empty: T) -> None:
        """`empty`: what holds where the database has never been heard."""
        self._read = read
        self._value = empty
        self._until = 0.0

    def get(self) -> T:
        """Return what was read at most KEPT_SECONDS ago; what was known last where the database does not answer."""
        if time.monotonic() >= self._until:
            try:
                self.keep(self._read())
            except DatabaseError:
                self.keep(self._value)
        return self._value

    def keep(self, value: T, seconds: float = KEPT_SECONDS) -> None:
        """Know this, for so long."""
        self._value, self._until = value, time.monotonic() + seconds

    def forget(self) -> None:
        """Read anew at the next question."""
        self._until = 0.0
