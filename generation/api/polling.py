"""The polled GET, answered without the framework around it: programs ask how far a run is again and again.

What `DiffusionDetail.get` does in its usual case, with one query for key, run and pictures beside the rate limits, and
no DRF request, negotiation or renderer. Whatever is out of the ordinary (no such run, a key that may not, a rate that
is used up, a wish to wait) is left to that view, before anything was counted. Benchmark (d) says what it is for.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase

from accounts import api_keys, key_text, switches
from accounts.client_address import address_of
from accounts.models import Feature, Scope
from accounts.rate_limits import take
from generation import diffusions
from generation.api import answers, etags
from generation.api.throttling import fields, rates_of

_SCHEME = "Bearer "


def polled(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give a view of one run its short way; `view` is what answers everything else."""

    @wraps(view)
    def look(request: HttpRequest, *args: Any, diffusion_id: str) -> HttpResponseBase:
        is_plain = request.method == "GET" and "HTTP_PREFER" not in request.META
        answer = _answer(request, diffusion_id) if is_plain else None
        return answer or view(request, *args, diffusion_id=diffusion_id)

    return look


def _answer(request: HttpRequest, diffusion_id: str) -> HttpResponse | None:
    """Return the run as it is now; None where the view has to look."""
    if not switches.is_on(Feature.API):
        return None
    header = request.META.get("HTTP_AUTHORIZATION", "")
    text = header.removeprefix(_SCHEME)
    if text == header or not key_text.is_well_formed(text):
        return None
    digest = key_text.digest_of(text)
    match = diffusions.find_with_key(digest, diffusion_id)
    if match is None:
        return None
    found, key = match
    if not api_keys.passes_silently(key, digest, address_of(request)) or not key.may(Scope.READ):
        return None
    standings = take(rates_of(key, is_generating=False))
    if any(standing.wait_seconds for standing in standings):
        return None  # a rate that refuses has taken nothing
    body = etags.text_of(answers.found(found))
    tag = etags.tag_of(body)
    headers = {"Allow": "GET, DELETE, HEAD", "ETag": tag, **fields(standings)}
    if etags.is_known(request.META.get("HTTP_IF_NONE_MATCH", ""), tag):
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(body, content_type="application/json", headers=headers)
