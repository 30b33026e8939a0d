"""Ask for the file with everything, take that back, and fetch it."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest, signed_in
from generation import exports, storage
from generation.models import Export


@require_POST
@signed_in
def order_export(request: SignedInRequest) -> HttpResponseBase:
    """Begin it; a second click finds it begun."""
    exports.order(request.user)
    return redirect("generation:your_data")


@require_POST
@signed_in
def cancel_export(request: SignedInRequest) -> HttpResponseBase:
    """End it; one that is ready by now stays."""
    if exports.cancel(request.user):
        messages.success(request, gettext("The export was canceled."))
    return redirect("generation:your_data")


@require_safe
@never_cache
def download_export(request: HttpRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """Lead to the file, until its time is over; by the ticket of a mail who is suspended, else who is signed in."""
    ticket = request.GET.get("ticket", "")
    export = Export.objects.select_related("user").filter(pk=export_id).first() if ticket else None
    if export is not None and export.is_ready and exports.is_ticket_of(export, ticket):
        return redirect(storage.signed_url(export.file))
    return _download(request, export_id)


@signed_in
def _download(request: SignedInRequest, export_id: uuid.UUID) -> HttpResponseBase:
    export = get_object_or_404(Export, pk=export_id, user=request.user)
    if not export.is_ready:
        raise Http404
    return redirect(storage.signed_url(export.file))
