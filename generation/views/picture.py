"""A picture as large as the window allows, with its whole recipe."""

import uuid

from django.conf import settings
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
from generation.models import Image
from generation.models.publication import has_showcase
from generation.views.library import deleted_in


@require_safe
@signed_in
def picture(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Show one of the reader's pictures between its neighbours."""
    pictures = retention.with_wallets(Image.objects.visible_to(request.user)).select_related(
        "job", "user", "clip", "folder", "publication", "environment"
    )
    image = get_object_or_404(pictures, pk=image_id)
    # What was looked for in the library goes along: the arrows walk through that.
    found = library_filters.parse(request.GET, request.user)
    newer, older = gallery.neighbours(image, found)
    # The run's own words (model, scheduler) without its pictures, which are not shown here.
    run = RunFace(image.job, [], None, None)
    context = {"image": image, "run": run, "newer": newer, "older": older, "found": found, "nav": "library"}
    context |= {"terms": licences.terms_of(image), "plan": plans.plan_of(request.user)}
    context["lineage"] = tree = lineage.of(image)
    context["beginnings"] = lineage.beginnings(image) if tree.has_more else []
    context |= {"folders": folders.of(request.user), "tags": list(image.tags.order_by("name")), "stars": range(1, 6)}
    publication = getattr(image, "publication", None)
    context |= {"publication": publication, "has_showcase": has_showcase()}
    context["stop_minutes"] = shown_links.minutes_to_stop()
    if publication and publication.taken_down_at:
        context["taken_down"] = moderation_queue.took_down(image)
    context |= {"site_url": settings.SITE_URL}
    context |= {"keeping": retention.keeping_of(image), "undo_days": retention.UNDO_DAYS}
    context |= {"proof": reproductions.face_of(image), "files_are_signed": content_credentials.is_configured()}
    context["deleted"] = deleted_in(request)
    return render(request, "generation/picture.html", context)
