"""The library: every picture, newest first, page after page without an end in sight."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import gallery
from generation.models import Image
from generation.views.create import uuid_or_none


@require_safe
@signed_in
def library(request: SignedInRequest) -> HttpResponseBase:
    """Show a page of pictures; a partial request gets the pictures and the way on alone."""
    page = gallery.page(request.user, before=uuid_or_none(request.GET.get("before")))
    context = {"page": page, "nav": "library"}
    if request.htmx:
        response = render(request, "generation/_pictures.html", context)
    else:
        context["deleted"] = _deleted(request)
        response = render(request, "generation/library.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _deleted(request: SignedInRequest) -> Image | None:
    """Return the picture that was just deleted, so that it can be brought back."""
    picture = uuid_or_none(request.GET.get("deleted"))
    if picture is None:
        return None
    return Image.objects.filter(user=request.user, pk=picture, deleted_at__isnull=False).first()
