"""What both clients share: requests as data, when to try again, how answers are read. No network here."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx

from getimg._errors import RateLimited, error_of

DEFAULT_TIMEOUT_SECONDS = 30.0
DEFAULT_RETRIES = 4
# The API waits for so long at most when it is asked to with `Prefer: wait`.
LONGEST_PREFER_SECONDS = 60
LONGEST_RETRY_AFTER_SECONDS = 60.0
_SHORTEST_DELAY, _LONGEST_DELAY = 0.5, 8.0
_TOO_MANY_REQUESTS = 429
_RETRIED = {408, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Call:
    """A request to make, and to make again with the same headers."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] | None = None
    # A form instead of a body: a file's name and content.
    file: tuple[str, bytes] | None = None
    form: Mapping[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    # Longer where the API was asked to wait.
    extra_seconds: float = 0.0
    # Whoever calls waits out a short 429 itself.
    is_patient: bool = False


def configured(api_key: str | None, base_url: str | None) -> tuple[str, str]:
    """Return key and address, from the arguments or the environment. Raises ValueError where one is missing."""
    key = api_key or os.environ.get("GETIMG_API_KEY", "")
    if not key:
        raise ValueError("No API key: pass api_key=… or set GETIMG_API_KEY.")
    url = base_url or os.environ.get("GETIMG_BASE_URL", "")
    if not url:
        raise ValueError("No address: pass base_url=… or set GETIMG_BASE_URL to the API's, https://… without /v1.")
    return key, url.rstrip("/")


def camel(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields under the API's names; those that are None are left out."""
    return {_camel(name): value for name, value in fields.items() if value is not None}


def days(since: date | str | None, until: date | str | None) -> dict[str, str]:
    """Return the first and the last day under the API's names, such as 2026-11-21; those that are None are left out."""
    return {name: str(day) for name, day in (("from", since), ("to", until)) if day is not None}


def creation(path: str, body: Mapping[str, Any], idempotency_key: str | None, **headers: str) -> Call:
    """Return a call that makes something once, however often it is sent."""
    return Call("POST", path, body, headers={"Idempotency-Key": idempotency_key or str(uuid.uuid4()), **headers})


def waiting(path: str, seconds: float) -> Call:
    """Return a look at something that may come back only when it is over."""
    wait = max(0, min(LONGEST_PREFER_SECONDS, int(seconds)))
    headers = {"Prefer": f"wait={wait}"} if wait else {}
    return Call("GET", path, headers=headers, extra_seconds=wait, is_patient=True)


def longer(pause_seconds: float) -> float:
    """Return the pause after this one, between two looks that the API answers at once."""
    return max(pause_seconds, min(_LONGEST_DELAY, 2 * pause_seconds))


def pause_after(refused: RateLimited) -> float:
    """Return for how many seconds a 429 asks. Raises `refused` where it asks for longer than a minute."""
    asked_for = refused.retry_after or 0.0
    if asked_for > LONGEST_RETRY_AFTER_SECONDS:
        raise refused
    return asked_for


def delay_before_retry(call: Call, response: httpx.Response | None, attempt: int) -> float | None:
    """Return the seconds to wait before the next try; None where trying again makes no sense."""
    if response is not None and response.status_code not in _RETRIED:
        return None
    if response is not None and response.status_code == _TOO_MANY_REQUESTS and call.is_patient:
        return None
    asked_for = retry_after(response) if response is not None else None
    if asked_for is not None:
        # Until tomorrow, say: that is for the caller to decide.
        return asked_for if asked_for <= LONGEST_RETRY_AFTER_SECONDS else None
    return min(_LONGEST_DELAY, _SHORTEST_DELAY * 2.0**attempt) * random.uniform(0.5, 1.0)


def retry_after(response: httpx.Response) -> float | None:
    """Return how long the API asks to wait."""
    try:
        seconds: float = max(0.0, float(str(response.headers["retry-after"])))
    except (KeyError, ValueError):
        return None
    return seconds


def read(response: httpx.Response) -> dict[str, Any]:
    """Return the answer's body. Raises: APIError."""
    try:
        body = response.json() if response.content else {}
    except ValueError:
        body = {}
    body = body if isinstance(body, dict) else {"data": body}
    if response.status_code >= 400:
        raise error_of(response.status_code, body, retry_after(response), response.headers.get("x-request-id"))
    return body


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)
