"""Start the training of a draft: its words kept, its pictures looked at, and only then its price set aside."""

import uuid
from dataclasses import replace

from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from billing.errors import InsufficientCredits
from generation import model_forms, preflight, trainings
from generation.errors import CustomModelGone, CustomModelRefused, ModelUnavailable, ModelUnknown, QueueFull, TaskOff
from generation.model_forms import DraftForm
from generation.models import CustomModel
from generation.views.custom_model import own_model, page


@require_POST
@signed_in
def start_training(request: SignedInRequest, model_id: uuid.UUID) -> HttpResponseBase:
    """Start, or show the draft with what is in the way; whatever happens, the draft stays."""
    model = own_model(request, model_id)
    try:
        form = model_forms.save(model, model_forms.typed(request.POST))
        model = own_model(request, model_id)
        errors = _in_the_way(model, form) or _start(request, model)
    except CustomModelGone:
        errors = {}  # it was started before: its page shows how it goes
    if errors:
        return page(request, model, form=replace(form, errors=errors), status=422)
    return redirect("generation:model", model_id)


def _in_the_way(model: CustomModel, form: DraftForm) -> dict[str, str]:
    """Return what keeps the training from starting, by the field where it stands."""
    report = preflight.check(model)
    errors = {**report.by_field, **form.errors}
    if "pictures" not in errors and report.num_blocked:
        errors["pictures"] = preflight.must_be_mended(report.num_blocked)
    return errors


def _start(request: SignedInRequest, model: CustomModel) -> dict[str, str]:
    """Set the price aside and start; returns why it could not be, empty where it was. Raises: CustomModelGone."""
    try:
        trainings.start(model, request.user, request.POST.get("key", "")[:64])
    except InsufficientCredits as error:
        words = gettext("This costs %(required)s credits and you have %(available)s.") % {
            "required": f"{error.required:,}",
            "available": f"{error.available:,}",
        }
        return {"form": gettext("%(words)s Nothing was charged, and your draft stays here.") % {"words": words}}
    except CustomModelRefused as error:
        return {error.field: str(error)}
    except (ModelUnknown, ModelUnavailable) as error:
        return {"base_model": str(error)}
    except (QueueFull, TaskOff) as error:
        return {"form": str(error).removeprefix("form: ")}
    return {}
