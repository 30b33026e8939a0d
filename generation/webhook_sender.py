"""Post one webhook: to an address that was checked, within ten seconds, reading at most 64 KiB of the answer.

Redirects are not followed: where one leads was checked by nobody. The name of the address stands in the Host header and
in the TLS handshake, and the certificate must be made out to it; the connection itself goes to the checked number.
Nothing here belongs inside a transaction.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from generation import web_address
from generation.errors import AddressRefused
from generation.web_address import IPAddress, Place, Resolver

TOTAL_SECONDS = 10.0
ANSWER_MAX_BYTES = 64 * 1024
# How long one of several addresses may take to accept, so that the next still gets its turn.
_CONNECT_SECONDS = 4.0
_ADDRESSES_TRIED = 3
_CHUNK_BYTES = 16 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back. `status` is None when nothing did; `trouble` then says why, in words for the person."""

    status: int | None
    milliseconds: int
    body: str = ""
    trouble: str = ""
    retry_after_seconds: int = 0

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver has taken it: 200 to 299."""
        return self.status is not None and 200 <= self.status < 300


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolver: Resolver = web_address.resolve,
    tls: ssl.SSLContext | None = None,
    total_seconds: float = TOTAL_SECONDS,
) -> Answer:
    """Post the body and return what came back; trouble on the way is an answer too."""
    started = time.monotonic()
    deadline = started + total_seconds
    try:
        place = web_address.parse(url)
        with _connect(place, deadline, resolver, tls or _public_tls()) as line:
            status, text, retry_after = _exchange(place, line, body, headers)
    except (OSError, http.client.HTTPException, AddressRefused) as error:
        return Answer(None, _milliseconds_since(started), trouble=_in_words(error))
    trouble = "It answered with a redirect, which is not followed." if 300 <= status < 400 else ""
    return Answer(status, _milliseconds_since(started), text, trouble, retry_after)


class _Line:
    """A connection on which everything together must be over by the deadline.

    A socket's own timeout counts anew with every byte: a receiver that drips could hold the sender for hours.
    """

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection, self._deadline = connection, deadline

    def __enter__(self) -> "_Line":
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
        return io.BufferedReader(_TimedReader(self._connection, self._deadline))

    def close(self) -> None:
        """Stay on the line: the client lets go when it has the headers, and the body is still to be read."""


class _TooLong(OSError):
    """More has come than is read."""


class _TimedReader(io.RawIOBase):
    """Reads until the deadline and no more than is allowed in all: status lines, headers and body."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection, self._deadline = connection, deadline
        self._left = ANSWER_MAX_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            raise _TooLong
        self._connection.settimeout(_seconds_until(self._deadline))
        count = self._connection.recv_into(memoryview(buffer)[: self._left])
        self._left -= count
        return count


def _connect(place: Place, deadline: float, resolver: Resolver, tls: ssl.SSLContext) -> _Line:
    left = _seconds_until(deadline)
    addresses = web_address.addresses_of(place, timeout_seconds=left, resolver=resolver)
    connection = _call(addresses[:_ADDRESSES_TRIED], place.port, deadline)
    try:
        connection.settimeout(_seconds_until(deadline))
        if place.is_secure:
            connection = tls.wrap_socket(connection, server_hostname=place.host)
    except BaseException:
        connection.close()
        raise
    return _Line(connection, deadline)


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


def _exchange(place: Place, line: _Line, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, int]:
    client = http.client.HTTPConnection(place.host, place.port)
    client.sock = line  # sendall, makefile and close are all that is asked of it
    own = {"Host": place.authority, "Connection": "close", "Accept-Encoding": "identity"}
    client.request("POST", place.path, body, {**headers, **own})
    answer = client.getresponse()
    after = answer.headers.get("Retry-After", "")
    seconds = int(after) if after.isascii() and after.isdigit() and len(after) < 6 else 0
    return answer.status, _text_of(answer), seconds


def _text_of(answer: http.client.HTTPResponse) -> str:
    """Read what it says. The status stands in the headers: a body that drips or breaks off changes nothing in it."""
    found = bytearray()
    with suppress(OSError, http.client.HTTPException, ValueError):
        while part := answer.read1(ANSWER_MAX_BYTES):
            found += part
    return found.decode("utf-8", "replace").replace("\x00", "�")


@cache
def _public_tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _seconds_until(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _milliseconds_since(started: float) -> int:
    return round(1000 * (time.monotonic() - started))


def _in_words(error: Exception) -> str:
    match error:
        case AddressRefused():
            return f"The address {error.why}."
        case TimeoutError():
            return f"No answer within {TOTAL_SECONDS:.0f} seconds."
        case ssl.SSLCertVerificationError():
            return f"The certificate was not accepted: {error.verify_message}."
        case ssl.SSLError():
            return "No secure connection could be made."
        case socket.gaierror():
            return "The name leads nowhere."
        case _TooLong():
            return f"The answer's headers are over {ANSWER_MAX_BYTES // 1024} KiB long."
        case ConnectionRefusedError():
            return "The connection was refused."
        case OSError():
            return "The connection was broken off."
        case _:
            return "What came back is no HTTP."
