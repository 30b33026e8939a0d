"""Styles and lists: a person's own presets and lists of words, and those for everybody."""

import uuid

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest, signed_in
from generation import presets, word_lists
from generation import styles as built_in
from generation.models import Preset, WordList


@require_safe
@signed_in
def styles(request: SignedInRequest) -> HttpResponseBase:
    """Show them, with the ways to change one's own."""
    context = {
        "presets": [presets.style_of(preset) for preset in Preset.objects.visible_to(request.user).order_by("name")],
        "lists": WordList.objects.visible_to(request.user).order_by("name"),
        "styles": built_in.BUILT_IN,
        "word_lists": word_lists.BUILT_IN.items(),
        "presets_max": presets.PRESETS_MAX,
        "lists_max": word_lists.LISTS_MAX,
        "nav": "create",
    }
    return render(request, "generation/styles.html", context)


@require_POST
@signed_in
def delete_style(request: SignedInRequest, kind: str, pk: uuid.UUID) -> HttpResponseBase:
    """Delete one's own preset or list; what was made with it stays as it is."""
    if kind == "preset":
        get_object_or_404(Preset.objects.visible_to(request.user), pk=pk).delete()
        said = gettext("Preset deleted.")
    elif kind == "list":
        get_object_or_404(WordList.objects.visible_to(request.user), pk=pk).delete()
        said = gettext("List deleted.")
    else:
        raise Http404
    messages.success(request, said)
    return redirect("generation:styles")
