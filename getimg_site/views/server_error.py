"""What people read where a request met an error that nobody foresaw, or the database is away."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.views import defaults

from generation.api.problems import DATABASE_AWAY, DATABASE_RETRY_SECONDS


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer with 500; with 503 where the database is away (Django's hook, called while the error is handled)."""
    if isinstance(sys.exception(), DATABASE_AWAY):
        return database_away()
    return defaults.server_error(request)


def database_away() -> HttpResponse:
    """Say that the database is away, without what other pages know: that asks it, too."""
    headers = {"Retry-After": str(DATABASE_RETRY_SECONDS)}
    response = HttpResponse(render_to_string("getimg_site/database_away.html"), status=503, headers=headers)
    add_never_cache_headers(response)
    return response
