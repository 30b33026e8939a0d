"""The library: every picture, or what is looked for, newest first, page after page without an end in sight."""

import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
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


@dataclass(frozen=True)
class RefusedName:
    """A name that a folder or a saved search cannot have, as it was typed, and why."""

    # Where it was typed: `make` a folder, `save` a search, `rename` what is open.
    deed: str
    name: str
    error: str


@require_safe
@signed_in
def library(request: SignedInRequest) -> HttpResponseBase:
    """Show a page of pictures; a partial request gets what was found, or further pictures and the way on alone."""
    found = library_filters.parse(request.GET, request.user)
    before = uuid_or_none(request.GET.get("before"))
    if request.htmx:
        response = _partial(request, found, before)
    else:
        response = page(request, found, before=before)
    patch_vary_headers(response, ["HX-Request"])
    return response


def page(
    request: SignedInRequest,
    found: LibraryFilter,
    *,
    before: uuid.UUID | None = None,
    refused: RefusedName | None = None,
) -> HttpResponse:
    """Return the whole library; a name that was refused stands where it was typed."""
    context = _shown(request, found, before) | {"nav": "library", "refused": refused}
    context |= {"deleted": deleted_in(request), "gone": request.GET.get("gone", "")}
    context["choices"] = _choices(context["found"])
    return render(request, "generation/library.html", context, status=422 if refused else 200)


def _partial(request: SignedInRequest, found: LibraryFilter, before: uuid.UUID | None) -> HttpResponse:
    context = _shown(request, found, before)
    if before:
        return render(request, "generation/_pictures.html", context)
    response = render(request, "generation/_library_found.html", context)
    query = context["found"].query
    response["HX-Replace-Url"] = f"{reverse('generation:library')}{'?' if query else ''}{query}"
    return response


def _shown(request: SignedInRequest, found: LibraryFilter, before: uuid.UUID | None) -> dict[str, Any]:
    page = gallery.page(request.user, before=before, found=found)
    if model := found.values.get("model"):
        found = replace(found, model_name=used_models.name_in(page.images, model))
    shelves = shelves_of(folders.of(request.user), found)
    return {"page": page, "found": found, "shelves": shelves}


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
