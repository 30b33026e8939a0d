"""What this process connects to, as the interpreter itself reports it."""

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_noted: list[object] | None = None
_has_v6 = True
_is_offline = False
_LOCAL = ("127.0.0.1", "::1", "localhost", "")


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _noted is not None:
        _noted.append(arguments[1])
    if event == "socket.__new__" and not _has_v6 and arguments[1] == socket.AF_INET6:
        raise OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT))
    if not _is_offline:
        return
    if event == "socket.getaddrinfo" and arguments[0] not in (*_LOCAL, None):
        raise socket.gaierror(socket.EAI_NONAME, "offline")
    if event == "socket.connect" and isinstance(arguments[1], tuple) and arguments[1][0] not in _LOCAL:
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))


sys.addaudithook(_hear)


@contextmanager
def noted() -> Iterator[list[object]]:
    """Yield a list that fills with every address this process connects to."""
    global _noted
    _noted = []
    try:
        yield _noted
    finally:
        _noted = None


@contextmanager
def without_v6() -> Iterator[None]:
    """Be on a system without IPv6, where no socket can be made for it."""
    global _has_v6
    _has_v6 = False
    try:
        yield
    finally:
        _has_v6 = True


@contextmanager
def offline() -> Iterator[None]:
    """Know no names and reach no address but this computer's own, and find that out at once."""
    global _is_offline
    _is_offline = True
    try:
        yield
    finally:
        _is_offline = False
