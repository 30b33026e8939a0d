"""My models: all that a person trained or brought along, and those that others share with them."""

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import custom_models as verbs
from generation import model_faces, pricing, trainings
from generation.price_tag import credits_of


@require_safe
@signed_in
def custom_models(request: SignedInRequest) -> HttpResponseBase:
    """Show a card for each model, and how many more the plan has room for."""
    stored, places = verbs.places(request.user)
    context: dict[str, Any] = {
        "cards": model_faces.cards_of(request.user),
        "shared": model_faces.shared_cards_of(request.user),
    }
    context["is_paused"] = any(face.is_waiting for face in context["cards"]) and trainings.is_paused()
    context |= {"stored": stored, "places": places, "credits": credits_of(request.user), "nav": "models"}
    context["training_credits"] = pricing.TRAINING_CREDITS
    return render(request, "generation/models.html", context)
