"""The library: every picture, or what is looked for, newest first, page after page without an end in sight."""

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import folders, gallery, library_filters
from generation.catalog import MODELS
from generation.models import Image
from generation.shelves import shelves_of
from generation.views.create import uuid_or_none


@require_safe
@signed_in
def library(request: SignedInRequest) -> HttpResponseBase:
    """Show a page of pictures; a partial request gets what was found, or further pictures and the way on alone."""
    found = library_filters.parse(request.GET, request.user)
    before = uuid_or_none(request.GET.get("before"))
    context: dict[str, Any] = {"page": gallery.page(request.user, before=before, found=found), "found": found}
    if request.htmx and before:
        response = render(request, "generation/_pictures.html", context)
    elif request.htmx:
        response = render(request, "generation/_library_found.html", context)
        response["HX-Replace-Url"] = f"{reverse('generation:library')}{'?' if found.query else ''}{found.query}"
    else:
        context |= {"nav": "library", "shelves": shelves_of(folders.of(request.user), found)}
        context |= {"deleted": _deleted(request), "gone": request.GET.get("gone", ""), "choices": _choices()}
        response = render(request, "generation/library.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _choices() -> dict[str, Any]:
    """Return what the filters offer."""
    models = sorted({(model.slug, model.name) for model in MODELS.values() if model.is_installed})
    return {
        "tasks": library_filters.TASKS,
        "models": models,
        "shapes": library_filters.SHAPES,
        "stars": range(5, 0, -1),
    }


def _deleted(request: SignedInRequest) -> Image | None:
    """Return the picture that was just deleted, so that it can be brought back."""
    picture = uuid_or_none(request.GET.get("deleted"))
    if picture is None:
        return None
    return Image.objects.in_trash_of(request.user).filter(pk=picture).first()
