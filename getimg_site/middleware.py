"""What every request passes through."""

import zoneinfo
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.template.response import SimpleTemplateResponse
from django.urls import resolve
from django.utils import timezone, translation

from accounts.errors import FeatureOff
from generation.api import request_ids
from generation.api.parsers import BODY_LIMIT_BYTES
from generation.api.problems import CONTENT_TYPE, problem
from getimg_site import pseudo_locale
from getimg_site.views.health import database_answers, healthz, readyz
from getimg_site.views.metrics import metrics
from getimg_site.views.server_error import database_away

# A body that nobody wants is read in pieces of so many bytes.
_LEFT_BYTES = 64 * 1024


class HouseMiddleware:
    """Answer what the house itself asks (is it alive, can it serve, how does it do) by whichever name it asks.

    A balancer or Prometheus asks a process by its inner address, over plain HTTP: the name in `Host` is in no list of
    the site's, and leading it to HTTPS would lead it to the proxy. Below stands what only people need.
    """

    VIEWS = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = self.VIEWS.get(request.path_info)
        if view is None or (view is metrics and not settings.METRICS_TOKEN):  # then there is no such page
            return self.get_response(request)
        request.resolver_match = resolve(request.path_info, settings.ROOT_URLCONF)
        return _without_page(view(request))


class RequestIdMiddleware:
    """Name each request to the API, in its answer and in its log lines."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with request_ids.named(request.headers.get(request_ids.HEADER, "")) as request_id:
            response = self.get_response(request)
        # On the API's own host it is at the root, too.
        if request.path_info.startswith("/v1/") or getattr(request, "urlconf", None) == settings.API_URLCONF:
            response.headers[request_ids.HEADER] = request_id
        return response


class UnencryptedKeysMiddleware:
    """Refuse a program that comes unencrypted, instead of leading it to HTTPS as people are.

    It would follow, and send its key in the open again each time without anybody's noticing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_program = request.path_info.startswith("/v1/") or "Authorization" in request.headers
        is_led = settings.SECURE_SSL_REDIRECT and not request.is_secure()
        if not is_program or not is_led or request.path_info in HouseMiddleware.VIEWS:
            return self.get_response(request)
        request.get_host()  # raises DisallowedHost, which is answered with 400
        words = "This API speaks HTTPS alone. Change http:// to https://, and replace the key: it was sent in the open."
        refusal = problem(403, "https_required", words)
        return _without_page(JsonResponse(refusal.document, status=403, content_type=CONTENT_TYPE))


class ApiMiddleware:
    """Serve the API below /v1/ without what only pages need, and nothing but the API on the API's own host.

    Sessions, messages, CSRF, nonces, time zones and static files mean nothing to a request that carries a key: what
    stands below this middleware is left out, a fifth of a polled request's time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.get_api_response = cast(Callable[[HttpRequest], HttpResponse], convert_exception_to_response(_answer))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.API_HOST and request.get_host().partition(":")[0].lower() == settings.API_HOST:
            request.urlconf = settings.API_URLCONF
        is_api = request.path_info.startswith("/v1/")
        if not is_api:
            return self.get_response(request)
        return self.get_api_response(request)  # without a language of the reader's: programs read it


def _answer(request: HttpRequest) -> HttpResponse:
    request.get_host()  # raises DisallowedHost, which is answered with 400
    request.resolver_match = match = resolve(request.path_info, settings.API_URLCONF)
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    _read_out(request)
    return _without_page(response)


def _without_page(response: HttpResponse) -> HttpResponse:
    """Give an answer that is no page what the middleware below would have given it."""
    response.headers.setdefault("Content-Length", str(len(response.content)))
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    response.headers.setdefault("X-Frame-Options", "DENY")
    return response


def _read_out(request: HttpRequest) -> None:
    """Take in what is left of a body that was refused unread, within the bound of what may be sent.

    gunicorn closes a connection on which more than a little is left, without saying so: the program's next request
    on it would be lost.
    """
    if not request.META.get("CONTENT_LENGTH"):
        return
    with suppress(UnreadablePostError):
        for _ in range(BODY_LIMIT_BYTES // _LEFT_BYTES):
            if not request.read(_LEFT_BYTES):
                return


class ResourcePolicyMiddleware:
    """Keep other sites from building pages and files of this one into theirs; a view may say otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class PrivatePagesMiddleware:
    """Let nobody find a person's pages in a browser or a proxy afterwards; a view may say otherwise.

    Account, billing and keys are not kept at all. The others are asked for anew before they are shown, but stay in the
    browser's memory for Back: a library that was scrolled through is still there.
    """

    SECRET = ("/settings/", "/accounts/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_signed_in = request.user.is_authenticated  # before the API's views put their own caller there
        response = self.get_response(request)
        if is_signed_in and not response.has_header("Cache-Control"):
            is_secret = request.path_info.startswith(self.SECRET)
            response["Cache-Control"] = f"private, {'no-store' if is_secret else 'no-cache'}"
        return response


class LanguageMiddleware(LocaleMiddleware):
    """Speak the reader's language, of those in LANGUAGES: by the cookie `django_language`, else as the browser asks."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            response = cast(HttpResponse, super().__call__(request))
        finally:
            translation.deactivate()  # the thread's next request, or what a program asks, begins anew
        return response

    def process_request(self, request: HttpRequest) -> None:
        """Choose it; the pseudo-locale only where it is switched on and asked for."""
        wants_pseudo = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) == pseudo_locale.CODE
        if settings.PSEUDO_LOCALE and wants_pseudo:
            pseudo_locale.install()
            translation.activate(pseudo_locale.CODE)
            request.LANGUAGE_CODE = translation.get_language()
        else:
            super().process_request(request)


class NulMiddleware:
    """Find nothing where a path has NUL in it: PostgreSQL has no such text, and says so by an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)


class SwitchedOffMiddleware:
    """Say on a page of its own what an operator has turned off, and why."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 503 where a view met a switch that is off."""
        if not isinstance(exception, FeatureOff):
            return None
        context = {"feature": exception.name, "reason": exception.reason}
        response = render(request, "503.html", context, status=503)
        response._has_been_logged = True  # type: ignore[attr-defined]  # it is meant so: no error of the site's
        return response


class StatusMiddleware:
    """Let the status page answer without the database: everything below asks it who reads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != "/status/" or database_answers():
            return self.get_response(request)
        response = database_away()
        response._has_been_logged = True  # type: ignore[attr-defined]  # what is away is logged where it is needed
        return response


class TimeZoneMiddleware:
    """Show times in the reader's own zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        zone = user.zone if user.is_authenticated else zoneinfo.ZoneInfo("UTC")
        with timezone.override(zone):
            return self.get_response(request)
