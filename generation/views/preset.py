"""One preset: a new one written by hand, or an old one changed."""

import uuid

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from generation import presets, styles
from generation.errors import InvalidParams
from generation.models import Preset


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def preset(request: SignedInRequest, pk: uuid.UUID | None = None) -> HttpResponseBase:
    """Show the form and save it."""
    found = get_object_or_404(Preset.objects.visible_to(request.user), pk=pk) if pk else None
    kept = found.settings if found else {}
    context = {"pk": pk, "values": found or Preset(), "settings": kept, "nav": "create"}
    with_settings = request.method != "POST" or "with_settings" in request.POST
    context |= {"settings_words": styles.describe_settings(kept), "with_settings": with_settings}
    if request.method != "POST":
        return render(request, "generation/preset.html", context)
    values = {**request.POST.dict(), "settings": kept if with_settings else {}}
    try:
        presets.save(request.user, values, changed=found)
    except InvalidParams as error:
        context |= {"values": values, "errors": {one.field: one.message for one in error.errors}}
        return render(request, "generation/preset.html", context, status=422)
    messages.success(request, gettext("Preset saved."))
    return redirect("generation:styles")
