"""Addresses of other people's apps that this site doesn't offer."""

from django.http import Http404, HttpRequest, HttpResponse


def closed(request: HttpRequest) -> HttpResponse:
    """Answer as where there is nothing."""
    raise Http404
