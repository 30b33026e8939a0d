"""A model that its owner shares by a link: looked at by anybody who has it, used by whoever is signed in."""

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest, signed_in
from generation import custom_models, model_faces
from generation.models import CustomModel
from generation.price_tag import credits_of


@require_safe
def shared_model(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the model's name, word and samples; never its training pictures, its file or its owner."""
    model = _of_link(token)
    context = {"face": model_faces.face_of(model, is_shared=True), "token": token, "nav": "models"}
    if request.user.is_authenticated:
        context["credits"] = credits_of(request.user)
    response = render(request, "generation/shared_model.html", context)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"  # other sites that are followed from here must not learn the link
    return response


@require_POST
@signed_in
def use_shared_model(request: SignedInRequest, token: str) -> HttpResponseBase:
    """Let the reader draw with it, as long as the link holds."""
    model = _of_link(token)
    custom_models.accept(model, request.user, token)
    messages.success(request, gettext("“%(name)s” is among your models while it is shared.") % {"name": model.name})
    return redirect(f"{reverse('generation:create')}?own={model.pk}")


def _of_link(token: str) -> CustomModel:
    model = custom_models.shared_by(token)
    if model is None:
        raise Http404
    return model
