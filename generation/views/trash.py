"""The trash: what was deleted and can still be brought back, and for how long."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest, signed_in
from generation import folders, gallery, housekeeping, shelving
from generation.errors import InvalidParams
from generation.shelves import shelves_of
from generation.views.create import uuid_or_none


@require_safe
@signed_in
def trash(request: SignedInRequest) -> HttpResponseBase:
    """Show a page of deleted pictures; a partial request gets the pictures and the way on alone."""
    page = gallery.trash(request.user, before=uuid_or_none(request.GET.get("before")))
    context = {"page": page, "undo_days": housekeeping.UNDO_DAYS, "nav": "library", "in_trash": True}
    template = "generation/_pictures.html"
    if not request.htmx:
        context["shelves"] = shelves_of(folders.of(request.user), None)
        template = "generation/trash.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@signed_in
def restore_pictures(request: SignedInRequest) -> HttpResponseBase:
    """Bring back the selected pictures, or those that went together (`stamp`)."""
    try:
        count = shelving.restore(request.user, request.POST.getlist("picture"), deleted_at=_stamp(request))
    except InvalidParams as error:
        messages.error(request, error.errors[0].message)
        return redirect("generation:trash")
    messages.success(
        request,
        gettext("%(count)s picture%(value)s back in the library.")
        % {"count": f"{count:,}", "value": " is" if count == 1 else "s are"},
    )
    return redirect("generation:library")


def _stamp(request: SignedInRequest) -> datetime | None:
    """Return when the pictures went, to the microsecond; None where none or nonsense is said."""
    try:
        seconds, _, fraction = request.POST.get("stamp", "").partition(".")
        return datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(fraction))
    except (ValueError, OverflowError, OSError):
        return None
