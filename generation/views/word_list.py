"""One list of words: a new one, or an old one changed."""

import uuid

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from generation import word_lists
from generation.errors import InvalidParams
from generation.models import WordList


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def word_list(request: SignedInRequest, pk: uuid.UUID | None = None) -> HttpResponseBase:
    """Show the form and save it."""
    found = get_object_or_404(WordList.objects.visible_to(request.user), pk=pk) if pk else None
    context: dict[str, object] = {"pk": pk, "values": found or WordList(), "nav": "create"}
    if request.method != "POST":
        return render(request, "generation/word_list.html", context)
    name, text = request.POST.get("name", ""), request.POST.get("entries", "")
    try:
        made = word_lists.save(request.user, name, text, changed=found)
    except InvalidParams as error:
        context |= {"values": {"name": name, "text": text}}
        context["errors"] = {one.field: one.message for one in error.errors}
        return render(request, "generation/word_list.html", context, status=422)
    messages.success(request, gettext("Saved. Write %(made)s in a prompt.") % {"made": made})
    return redirect("generation:styles")
