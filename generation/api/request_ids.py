"""What each request to the API is called: in its answer, in its log lines, and by whoever asks about it.

A caller, or the proxy before us, may name it; whatever is long or not plain is not taken over into the logs.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Request-Id"
PATTERN = "^[A-Za-z0-9._-]{1,64}$"
_PLAIN = re.compile(PATTERN[1:-1])
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """Return the id of the request that is being answered; empty where none is."""
    return _current.get()


@contextmanager
def named(given: str) -> Iterator[str]:
    """Give the request of the block the id that came with it, where that is plain, else a new one; yields it."""
    request_id = given if _PLAIN.fullmatch(given) else uuid.uuid4().hex
    token = _current.set(request_id)
    try:
        yield request_id
    finally:
        _current.reset(token)
