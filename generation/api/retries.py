"""What OpenAI's clients send again by themselves, without an Idempotency-Key: they say no more than which try it is.

Where the first try's answer was lost, its run is there: that one is answered, not another made. Where the first try was
refused (429), it has no run, and a run that reads the same is another request's: a program that asks ten times for the
same words wants ten pictures. So what was refused is counted until it has come again.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from accounts.ids import first_id
from accounts.models import ApiKey
from generation.api import requests
from generation.models import Job

# A client waits for its pictures, and then for a moment before it asks again.
_RETRIED_WITHIN = timedelta(minutes=15)
# Longer than any Retry-After that such a client heeds.
_REFUSED_WITHIN_SECONDS = 120


def sent_before(request: Request, key: ApiKey, body: Mapping[str, Any]) -> Job | None:
    """Return the run that an earlier try of this request made; None where none did."""
    if not _try_number(request):
        return None
    digest = _digest(request, body)
    if cache.get(_refused(key, digest), 0) > 0:
        return None
    lately = Job.objects.filter(user=key.user, pk__gte=first_id(timezone.now() - _RETRIED_WITHIN))
    return lately.filter(api_key=key, request_digest=digest, deleted_at=None).order_by("-pk").first()


def note_refusal(request: Request) -> None:
    """Remember that a request's first try was refused and made no run."""
    assert isinstance(request.auth, ApiKey)  # nobody else is told to come again
    try:
        number, body = _try_number(request), request.data
    except APIException:
        return  # nothing that could ever make a run
    if number != 0:
        return
    assert isinstance(body, dict)  # the parser lets nothing else through
    counter = _refused(request.auth, _digest(request, body))
    cache.add(counter, 0, _REFUSED_WITHIN_SECONDS)
    _move(counter, 1)


def note_run(request: Request, key: ApiKey, body: Mapping[str, Any]) -> None:
    """Forget one refusal: what was refused has come again, and has its run."""
    counter = _refused(key, _digest(request, body))
    if _try_number(request) and cache.get(counter, 0) > 0:
        _move(counter, -1)


def _try_number(request: Request) -> int | None:
    """Return which try it is, 0 being the first; None where nobody says, or an Idempotency-Key says more."""
    text = request.headers.get("X-Stainless-Retry-Count", "")
    said = re.fullmatch("[0-9]{1,3}", text) and not requests.idempotency_key(request.headers)
    return int(text) if said else None


def _digest(request: Request, body: Mapping[str, Any]) -> str:
    return requests.digest(request.path, body, request.headers.get("Cancel-After", ""))


def _refused(key: ApiKey, digest: str) -> str:
    return f"api-refused:{key.pk.hex}:{digest}"


def _move(counter: str, by: int) -> None:
    try:
        cache.incr(counter, by)
    except ValueError:
        pass  # its time is over
