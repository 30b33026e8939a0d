"""The library: every picture, or what is looked for, newest first, page after page without an end in sight."""

from dataclasses import replace
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import folders, gallery, library_filters, used_models
from generation.library_filters import LibraryFilter
from generation.models import Image
from generation.shelves import shelves_of
from generation.views.create import uuid_or_none


@require_safe
@signed_in
def library(request: SignedInRequest) -> HttpResponseBase:
    """Show a page of pictures; a partial request gets what was found, or further pictures and the way on alone."""
    found = library_filters.parse(request.GET, request.user)
    before = uuid_or_none(request.GET.get("before"))
    page = gallery.page(request.user, before=before, found=found)
    if model := found.values.get("model"):
        found = replace(found, model_name=used_models.name_in(page.images, model))
    shelves = shelves_of(folders.of(request.user), found)
    context: dict[str, Any] = {"page": page, "found": found, "shelves": shelves}
    if request.htmx and before:
        response = render(request, "generation/_pictures.html", context)
    elif request.htmx:
        response = render(request, "generation/_library_found.html", context)
        response["HX-Replace-Url"] = f"{reverse('generation:library')}{'?' if found.query else ''}{found.query}"
    else:
        context |= {"nav": "library"}
        context |= {"deleted": deleted_in(request), "gone": request.GET.get("gone", ""), "choices": _choices(found)}
        response = render(request, "generation/library.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _choices(found: LibraryFilter) -> dict[str, Any]:
    """Return what the filters offer; of models those that are installed, until the filters are opened."""
    models, chosen = used_models.offered(), found.values.get("model", "")
    if chosen and chosen not in dict(models):
        models.append((chosen, found.model_name or chosen))
    return {
        "tasks": library_filters.TASKS,
        "models": models,
        "shapes": library_filters.SHAPES,
        "stars": range(5, 0, -1),
    }


def deleted_in(request: SignedInRequest) -> Image | None:
    """Return the picture that was just deleted, so that it can be brought back."""
    picture = uuid_or_none(request.GET.get("deleted"))
    if picture is None:
        return None
    return Image.objects.in_trash_of(request.user).filter(pk=picture).first()
