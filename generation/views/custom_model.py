"""One model of one's own: its draft, its training, what came of it. Polled while it is trained."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from accounts import switches
from accounts.access import SignedInRequest, signed_in
from accounts.models import Feature
from generation import model_faces, model_forms, preflight, trainings
from generation.model_forms import DraftForm
from generation.models import CustomModel
from generation.models.custom_model import CAPTION_MAX_LENGTH
from generation.price_tag import credits_of


@require_safe
@signed_in
def custom_model(request: SignedInRequest, model_id: uuid.UUID) -> HttpResponseBase:
    """Show a model. Polled by its page, it answers 304 while nothing has changed."""
    model = own_model(request, model_id)
    response = _partial(request, model) if request.htmx else page(request, model)
    patch_vary_headers(response, ["HX-Request"])
    return response


def own_model(request: SignedInRequest, model_id: uuid.UUID) -> CustomModel:
    """Return the reader's own model. Raises: Http404."""
    models = CustomModel.objects.visible_to(request.user).select_related("job").prefetch_related("samples")
    return get_object_or_404(models, pk=model_id)


def page(
    request: SignedInRequest,
    model: CustomModel,
    *,
    form: DraftForm | None = None,
    name: str = "",
    name_error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return the whole page of a model; `form` is a draft's as it was sent, `name` one that it cannot have."""
    context = context_of(request, model, form) | {"name": name if name_error else model.name, "name_error": name_error}
    return render(request, "generation/model.html", context, status=status)


def context_of(request: SignedInRequest, model: CustomModel, form: DraftForm | None = None) -> dict[str, Any]:
    """Return what a model's page shows."""
    credits = credits_of(request.user)
    context: dict[str, Any] = {"face": model_faces.face_of(model), "credits": credits, "nav": "models"}
    if model.is_training:
        context["is_paused"] = trainings.is_paused()
    if model.share_token:
        context["share_url"] = settings.SITE_URL + reverse("generation:shared_model", args=[model.share_token])
    if model.is_draft or model.is_failed:
        context |= {"form": form or model_forms.shown(model), **draft_context(model, credits.balance)}
    return context


def draft_context(model: CustomModel, balance: int) -> Mapping[str, Any]:
    """Return what the draft's part of the page shows: the report on its pictures, and the price."""
    missing = max(0, trainings.PRICE_CREDITS - balance)
    return {
        "report": preflight.check(model),
        "price": trainings.PRICE_CREDITS,
        "missing": missing,
        "left": balance - trainings.PRICE_CREDITS,
        "is_paused": trainings.is_paused(),
        "switched_off": switches.said(Feature.TRAINING),
        "caption_max": CAPTION_MAX_LENGTH,
    }


def _partial(request: SignedInRequest, model: CustomModel) -> HttpResponseBase:
    tag = f'"{model_faces.face_of(model).state_tag}{"-paused" if trainings.is_paused() else ""}"'
    unchanged: HttpResponseBase | None = get_conditional_response(request, etag=tag, response=None)
    # A training that has ended changes the whole page: its draft is back, or there is a model.
    whole = HttpResponse(headers={"HX-Refresh": "true"}) if not model.is_training else None
    response = whole or unchanged or render(request, "generation/_model_training.html", context_of(request, model))
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    return response
