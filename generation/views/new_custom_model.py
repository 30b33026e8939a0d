"""The first step to a model of one's own: what it is of, and its word."""

from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import switches
from accounts.access import SignedInRequest, signed_in
from accounts.models import Feature
from generation import custom_models, model_forms, pricing
from generation.errors import CustomModelRefused
from generation.price_tag import credits_of


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_custom_model(request: SignedInRequest) -> HttpResponseBase:
    """Show the form, and make a draft of it; its pictures come next, on its own page."""
    form = model_forms.typed(request.POST) if request.method == "POST" else model_forms.blank()
    errors = dict(form.errors)
    if request.method == "POST" and not errors:
        try:
            return redirect("generation:model", custom_models.create_draft(request.user, **form.values).pk)
        except CustomModelRefused as error:
            errors[error.field] = str(error)
    stored, places = custom_models.places(request.user)
    context = {"form": form, "errors": errors, "stored": stored, "places": places, "nav": "models"}
    context |= {"credits": credits_of(request.user), "switched_off": switches.said(Feature.TRAINING)}
    context["training_credits"] = pricing.TRAINING_CREDITS
    return render(request, "generation/new_model.html", context, status=422 if errors else 200)
