"""How fast the API may be asked: for each key and each account, and for pictures once more.

Every answer says where the caller stands, in the fields of draft-ietf-httpapi-ratelimit-headers-10 (its current
form: RateLimit-Policy and RateLimit, both lists by policy; q quota, w window, r remaining, t seconds); a refusal
also has Retry-After.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiKey
from accounts.rate_limits import WINDOW_SECONDS, Rate, Standing, take, whole_seconds


class KeyLimits(BaseThrottle):
    """Lets a request pass while the key's, the account's and, for pictures, the key's picture rate allow.

    A view that makes pictures names the methods: `generates = ("POST",)`.
    """

    def __init__(self) -> None:
        self._wait_seconds: int | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Take the request from every rate and write the fields into the answer's headers."""
        if not isinstance(request.auth, ApiKey):
            return True
        is_generating = request.method in getattr(view, "generates", ())
        standings = take(rates_of(request.auth, is_generating=is_generating))
        view.headers.update(fields(standings))
        wait = max(standing.wait_seconds for standing in standings)
        self._wait_seconds = whole_seconds(wait) or None
        return not wait

    def wait(self) -> int | None:
        """Return after how many seconds the next request passes."""
        return self._wait_seconds


def rates_of(key: ApiKey, *, is_generating: bool) -> list[Rate]:
    """Return the rates that a request counts against."""
    rates = [
        Rate("key", key.pk.hex, settings.API_RATE_KEY),
        Rate("account", key.user_id.hex, settings.API_RATE_ACCOUNT),
    ]
    if is_generating:
        rates.append(Rate("generate", key.pk.hex, settings.API_RATE_GENERATE))
    return rates


def fields(standings: Iterable[Standing]) -> dict[str, str]:
    """Return the header fields: every policy, and where each stands."""
    policies, limits = [], []
    for standing in standings:
        rate, seconds = standing.rate, standing.wait_seconds or standing.full_in_seconds
        policies.append(f'"{rate.name}";q={rate.quota};w={WINDOW_SECONDS}')
        limits.append(f'"{rate.name}";r={standing.remaining};t={whole_seconds(seconds)}')
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(limits)}
