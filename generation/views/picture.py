"""A picture as large as the window allows, with its whole recipe."""

import uuid

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from billing import plans
from generation import (
    content_credentials,
    folders,
    gallery,
    library_filters,
    licences,
    lineage,
    moderation_queue,
    reproductions,
    retention,
    shown_links,
)
from generation.faces import RunFace
from generation.library_filters import LibraryFilter
from generation.models import Image
from generation.models.publication import has_showcase
from generation.views.library import deleted_in


@require_safe
@signed_in
def picture(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Show one of the reader's pictures between its neighbours."""
    # What was looked for in the library goes along: the arrows walk through that.
    return page(request, image_id, library_filters.parse(request.GET, request.user))


def page(
    request: SignedInRequest,
    image_id: uuid.UUID,
    found: LibraryFilter,
    *,
    alt_text: str | None = None,
    alt_error: str = "",
) -> HttpResponse:
    """Return the page of a picture; a description that was refused stands in it as it was typed. Raises: Http404."""
    pictures = retention.with_wallets(Image.objects.visible_to(request.user)).select_related(
        "job", "user", "clip", "folder", "publication", "environment"
    )
    image = get_object_or_404(pictures, pk=image_id)
    newer, older = gallery.neighbours(image, found)
    context = {"image": image, "newer": newer, "older": older, "found": found, "nav": "library"} | _facts(image)
    context |= {"plan": plans.plan_of(request.user), "folders": folders.of(request.user), "stars": range(1, 6)}
    context |= {"site_url": settings.SITE_URL, "deleted": deleted_in(request)}
    context |= {"alt_text": image.alt_text if alt_text is None else alt_text, "alt_error": alt_error}
    return render(request, "generation/picture.html", context, status=422 if alt_error else 200)


def _facts(image: Image) -> dict[str, object]:
    """Return what is told of a picture beside it."""
    # The run's own words (model, scheduler) without its pictures, which are not shown here.
    context: dict[str, object] = {"run": RunFace(image.job, [], None, None), "terms": licences.terms_of(image)}
    context["lineage"] = tree = lineage.of(image)
    context["beginnings"] = lineage.beginnings(image) if tree.has_more else []
    context["tags"] = list(image.tags.order_by("name"))
    publication = getattr(image, "publication", None)
    context |= {"publication": publication, "has_showcase": has_showcase()}
    context["stop_minutes"] = shown_links.minutes_to_stop()
    if publication and publication.taken_down_at:
        context["taken_down"] = moderation_queue.took_down(image)
    context |= {"keeping": retention.keeping_of(image), "undo_days": retention.UNDO_DAYS}
    context |= {"proof": reproductions.face_of(image), "files_are_signed": content_credentials.is_configured()}
    return context
