"""The price of what the form says now: the line above the button and the button's label."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import forms
from generation.price_tag import credits_of, price_tag


@require_safe
@never_cache
@signed_in
def price(request: SignedInRequest) -> HttpResponseBase:
    """Answer every change of the form; the prompt is not sent, so that no address holds it."""
    form = forms.typed(request.GET)
    return render(request, "generation/_action.html", {"form": form, "tag": price_tag(form, credits_of(request.user))})
