"""Who may see a page: people who are signed in; the others are asked to, and come back afterwards."""

import urllib.parse
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.middleware import HtmxDetails

from accounts.models import User

P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    """What a view gets that only people who are signed in can reach."""

    user: User
    htmx: HtmxDetails


def signed_in(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let people in who are signed in and send the others to the login page.

    A partial request moves the whole page there: a login form inside a picture's place helps nobody.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        visit = cast(SignedInRequest, request)
        if request.user.is_authenticated:
            return view(visit, *args, **kwargs)
        if visit.htmx:
            return _whole_page_to_login(_page_told(request, "HX-Current-URL"))
        here = request.get_full_path() if request.method == "GET" else _page_told(request, "Referer")
        return redirect_to_login(here or resolve_url(settings.LOGIN_REDIRECT_URL))

    return guarded


def _page_told(request: HttpRequest, header: str) -> str:
    """Return the page of this site that a header names as the sender; empty where it names none."""
    sender = request.headers.get(header, "")
    if not url_has_allowed_host_and_scheme(sender, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urllib.parse.urlsplit(sender)
    path = urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
    return path if parts.netloc and url_has_allowed_host_and_scheme(path, None) else ""


def _whole_page_to_login(back_to: str) -> HttpResponse:
    address = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back_to})}"
    return HttpResponse(status=204, headers={"HX-Redirect": address})
