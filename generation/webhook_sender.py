"""Post one webhook: to an address that was checked, within ten seconds, reading at most 64 KiB of the answer.

Redirects are not followed: where one leads was checked by nobody. Nothing here belongs inside a transaction.
"""

import http.client
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from generation import public_line, web_address
from generation.web_address import Resolver

TOTAL_SECONDS = 10.0
ANSWER_MAX_BYTES = 64 * 1024


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
        with public_line.connect(place, deadline=deadline, limit=ANSWER_MAX_BYTES, resolver=resolver, tls=tls) as line:
            answer = public_line.request(line, "POST", place, headers, body)
            text = _text_of(answer)
    except public_line.TROUBLES as error:
        trouble = public_line.in_words(error, seconds=TOTAL_SECONDS, limit=ANSWER_MAX_BYTES)
        return Answer(None, _milliseconds_since(started), trouble=trouble)
    trouble = "It answered with a redirect, which is not followed." if 300 <= answer.status < 400 else ""
    return Answer(answer.status, _milliseconds_since(started), text, trouble, _retry_after(answer))


def _text_of(answer: http.client.HTTPResponse) -> str:
    """Read what it says. The status stands in the headers: a body that drips or breaks off changes nothing in it."""
    found = bytearray()
    with suppress(OSError, http.client.HTTPException, ValueError):
        while part := answer.read1(ANSWER_MAX_BYTES):
            found += part
    return found.decode("utf-8", "replace").replace("\x00", "�")


def _retry_after(answer: http.client.HTTPResponse) -> int:
    after = answer.headers.get("Retry-After", "")
    return int(after) if after.isascii() and after.isdigit() and len(after) < 6 else 0


def _milliseconds_since(started: float) -> int:
    return round(1000 * (time.monotonic() - started))
