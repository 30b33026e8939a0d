"""The settings of another model: its sizes, schedulers and limits, with what was set kept where it fits."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import forms
from generation.price_tag import credits_of, price_tag
from generation.views.create import is_advanced_open, page_context


@require_POST
@signed_in
def model_settings(request: SignedInRequest) -> HttpResponseBase:
    """Show the settings of the chosen model; without JavaScript, the whole page with them.

    A POST, because the form with its prompt is sent along and must not end up in an address.
    """
    form = forms.typed(request.POST, user=request.user, is_advanced_open=is_advanced_open(request))
    form = form.for_model(before=request.POST.get("shown_model", ""))
    if not request.htmx:
        return render(request, "generation/create.html", page_context(request, form))
    context = {"form": form, "tag": price_tag(form, credits_of(request.user)), "with_price": True}
    return render(request, "generation/_settings.html", context)
