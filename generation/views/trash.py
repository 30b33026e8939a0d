"""The trash: what was deleted and can still be brought back, and for how long."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest, signed_in
from accounts.models import User
from generation import folders, gallery, housekeeping, retention, shelving
from generation.errors import InvalidParams
from generation.restoring import Restored
from generation.shelves import shelves_of
from generation.views.act import back_to_library
from generation.views.create import uuid_or_none

# Files are removed while the page waits; more would keep it waiting long where they lie in a bucket.
_PURGED_MAX = 200


@require_safe
@signed_in
def trash(request: SignedInRequest) -> HttpResponseBase:
    """Show a page of deleted pictures; a partial request gets the pictures and the way on alone."""
    page = gallery.trash(request.user, before=uuid_or_none(request.GET.get("before")))
    context = {"page": page, "undo_days": retention.UNDO_DAYS, "restored_days": retention.RESTORED_DAYS}
    context |= {"nav": "library", "in_trash": True}
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
    """Bring back the selected pictures, those that went together (`stamp`), or all that are there (`everything`)."""
    try:
        if request.POST.get("everything"):
            restored = shelving.restore_all(request.user)
        else:
            restored = shelving.restore(request.user, request.POST.getlist("picture"), deleted_at=_stamp(request))
    except InvalidParams as error:
        messages.error(request, error.errors[0].message)
        return redirect("generation:trash")
    messages.success(request, _said(request.user, restored))
    return back_to_library(request)


@require_POST
@signed_in
def purge_pictures(request: SignedInRequest) -> HttpResponseBase:
    """Delete the selected pictures for good, now; the page has asked before."""
    try:
        ids = shelving.ids_of(request.POST.getlist("picture"))
    except InvalidParams as error:
        messages.error(request, error.errors[0].message)
        return redirect("generation:trash")
    count = housekeeping.purge_now(request.user, ids[:_PURGED_MAX])
    said = ngettext("%(count)s picture is deleted for good.", "%(count)s pictures are deleted for good.", count)
    messages.success(request, said % {"count": f"{count:,}"})
    if len(ids) > _PURGED_MAX:
        messages.info(request, gettext("That were many at once: select the others and delete them, too."))
    return redirect("generation:trash")


def _said(user: User, restored: Restored) -> str:
    """Return how many pictures are back, and until when where they do not stay."""
    count, until = restored.count, restored.until
    said = ngettext("%(count)s picture is back in the library.", "%(count)s pictures are back in the library.", count)
    said %= {"count": f"{count:,}"}
    if until is None:
        return said
    if until <= timezone.now():
        again = ngettext(
            "Its time is over and it was brought back before: it goes into the trash again within a day.",
            "Some whose time is over were brought back before: they go into the trash again within a day.",
            count,
        )
        return f"{said} {again}"
    kept = ngettext("It is kept until %(day)s.", "The first of them is kept until %(day)s.", count)
    return f"{said} {kept % {'day': date_format(until.astimezone(user.zone), 'j F Y')}}"


def _stamp(request: SignedInRequest) -> datetime | None:
    """Return when the pictures went, to the microsecond; None where none or nonsense is said."""
    try:
        seconds, _, fraction = request.POST.get("stamp", "").partition(".")
        return datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(fraction))
    except (ValueError, OverflowError, OSError):
        return None
