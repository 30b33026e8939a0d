"""The buttons of a model of one's own: cancel, rename, share, delete."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import custom_models, lifecycle, moderation
from generation.errors import ContentRefused, CustomModelGone
from generation.models import CustomModel
from generation.models.custom_model import MODEL_NAME_MAX_LENGTH
from generation.views.custom_model import own_model, page


@require_POST
@signed_in
def custom_model_action(request: SignedInRequest, model_id: uuid.UUID, action: str) -> HttpResponseBase:
    """Do what the button says and come back to the page; a name that was refused stands in it."""
    if action not in _ACTIONS:
        raise Http404("There is no such action.")
    refused = _ACTIONS[action](request, own_model(request, model_id))
    if refused:
        return refused
    return redirect("generation:models") if action == "delete" else redirect("generation:model", model_id)


def _cancel(request: SignedInRequest, model: CustomModel) -> None:
    if model.job is not None and lifecycle.cancel(model.job):
        messages.success(request, gettext("Canceled. All credits are back, and your pictures are still here."))
    else:
        messages.info(request, gettext("The training had ended before."))


def _rename(request: SignedInRequest, model: CustomModel) -> HttpResponseBase | None:
    typed = request.POST.get("name", "")
    name = " ".join(typed.split())
    if not 0 < len(name) <= MODEL_NAME_MAX_LENGTH:
        words = gettext("A name has 1 to %(model_name_max_length)s characters; this one has %(count)s.")
        words %= {"model_name_max_length": MODEL_NAME_MAX_LENGTH, "count": len(name)}
        return page(request, model, name=typed, name_error=words, status=422)
    try:
        moderation.check_shown(request.user, "name", name)
    except ContentRefused as error:
        return page(request, model, name=typed, name_error=moderation.said(error), status=422)
    custom_models.rename(model, name)
    messages.success(request, gettext("Renamed."))
    return None


def _share(request: SignedInRequest, model: CustomModel) -> None:
    try:
        custom_models.share(model)
    except CustomModelGone as error:
        messages.error(request, str(error))
    except ContentRefused as error:
        messages.error(request, moderation.said(error))


def _unshare(request: SignedInRequest, model: CustomModel) -> None:
    custom_models.unshare(model)
    messages.success(request, gettext("The link leads nowhere now, and nobody else can draw with your model."))


def _delete(request: SignedInRequest, model: CustomModel) -> None:
    custom_models.delete(model)
    messages.success(request, gettext("“%(name)s” is deleted, with its pictures and samples.") % {"name": model.name})


_ACTIONS: dict[str, Callable[[SignedInRequest, CustomModel], HttpResponseBase | None]] = {
    "cancel": _cancel,
    "rename": _rename,
    "share": _share,
    "unshare": _unshare,
    "delete": _delete,
}
