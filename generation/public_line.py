"""A connection to an address that somebody else named: to the number that was checked, and over by a deadline.

The name stands in the Host header and in the TLS handshake, and the certificate must be made out to it; the connection
itself goes to a number that `web_address` allowed, and nothing is looked up a second time. Nothing here belongs inside
a transaction.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.translation import gettext

from generation import web_address
from generation.errors import AddressRefused
from generation.web_address import IPAddress, Place, Resolver

# How long one of several addresses may take to accept, so that the next still gets its turn.
_CONNECT_SECONDS = 4.0
_ADDRESSES_TRIED = 3
_CHUNK_BYTES = 16 * 1024

# All that can go wrong on the way; `in_words` tells them apart.
TROUBLES = (OSError, http.client.HTTPException, AddressRefused)


class TooLong(OSError):
    """More has come than is read."""


class Line:
    """A connection on which everything together must be over by the deadline, and no more than `limit` bytes are read.

    A socket's own timeout counts anew with every byte: a receiver that drips could hold the sender for hours.
    """

    def __init__(self, connection: socket.socket, deadline: float, limit: int) -> None:
        self._connection, self._deadline, self._limit = connection, deadline, limit

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def sendall(self, data: bytes) -> None:
        """Send all, or raise TimeoutError."""
        for start in range(0, len(data), _CHUNK_BYTES):
            self._connection.settimeout(_seconds_until(self._deadline))
            self._connection.sendall(data[start : start + _CHUNK_BYTES])

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return what the answer is read from."""
        assert mode == "rb"
        return io.BufferedReader(_TimedReader(self._connection, self._deadline, self._limit))

    def close(self) -> None:
        """Stay on the line: the client lets go when it has the headers, and the body is still to be read."""


class _TimedReader(io.RawIOBase):
    """Reads until the deadline and no more than is allowed in all: status lines, headers and body."""

    def __init__(self, connection: socket.socket, deadline: float, limit: int) -> None:
        self._connection, self._deadline, self._left = connection, deadline, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            raise TooLong
        self._connection.settimeout(_seconds_until(self._deadline))
        count = self._connection.recv_into(memoryview(buffer)[: self._left])
        self._left -= count
        return count


def connect(
    place: Place, *, deadline: float, limit: int, resolver: Resolver, tls: ssl.SSLContext | None = None
) -> Line:
    """Connect to one of the place's addresses, all of which are allowed; `deadline` is of the monotonic clock.

    Raises: AddressRefused, OSError.
    """
    left = _seconds_until(deadline)
    addresses = web_address.addresses_of(place, timeout_seconds=left, resolver=resolver)
    connection = _call(addresses[:_ADDRESSES_TRIED], place.port, deadline)
    try:
        connection.settimeout(_seconds_until(deadline))
        if place.is_secure:
            connection = (tls or _public_tls()).wrap_socket(connection, server_hostname=place.host)
    except BaseException:
        connection.close()
        raise
    return Line(connection, deadline, limit)


def request(
    line: Line, method: str, place: Place, headers: Mapping[str, str], body: bytes | None = None
) -> http.client.HTTPResponse:
    """Send a request and return the answer, its headers read and its body not. Raises: OSError, HTTPException."""
    client = http.client.HTTPConnection(place.host, place.port)
    client.sock = line  # sendall, makefile and close are all that is asked of it
    own = {"Host": place.authority, "Connection": "close", "Accept-Encoding": "identity"}
    client.request(method, place.path, body, {**headers, **own})
    return client.getresponse()


def in_words(error: Exception, *, seconds: float, limit: int) -> str:
    """Return what went wrong, in a sentence for the person who named the address."""
    match error:
        case AddressRefused():
            return str(error)
        case TimeoutError():
            return gettext("No answer within %(seconds)s seconds.") % {"seconds": f"{seconds:.0f}"}
        case ssl.SSLCertVerificationError():
            return gettext("The certificate was not accepted: %(why)s.") % {"why": error.verify_message}
        case ssl.SSLError():
            return gettext("No secure connection could be made.")
        case socket.gaierror():
            return gettext("The name leads nowhere.")
        case TooLong():
            return gettext("The answer's headers are over %(most)s KiB long.") % {"most": limit // 1024}
        case ConnectionRefusedError():
            return gettext("The connection was refused.")
        case OSError():
            return gettext("The connection was broken off.")
        case _:
            return gettext("What came back is not HTTP.")


# --- Parts ------------------------------------------------------------------------------------------------------


def _call(addresses: list[IPAddress], port: int, deadline: float) -> socket.socket:
    """Connect to the first address that accepts. They are numbers: nothing is looked up any more."""
    for place, address in enumerate(addresses, start=1):
        is_last = place == len(addresses)
        left = _seconds_until(deadline)
        try:
            return _call_one(address, port, left if is_last else min(left, _CONNECT_SECONDS))
        except OSError:
            if is_last:
                raise
    raise OSError("the name has no address")


def _call_one(address: IPAddress, port: int, seconds: float) -> socket.socket:
    # Where the system has no IPv6, there is not even a socket for it.
    connection = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET)
    try:
        connection.settimeout(seconds)
        connection.connect((str(address), port))
    except BaseException:
        connection.close()
        raise
    return connection


@cache
def _public_tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _seconds_until(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
