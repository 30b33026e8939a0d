"""Generate: one press of the button makes one run."""

from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from billing.errors import InsufficientCredits
from generation import forms, lifecycle
from generation.errors import FieldError, InvalidParams, ModelUnavailable, ModelUnknown, QueueFull
from generation.faces import face_of
from generation.forms import CreateForm
from generation.models import Job
from generation.price_tag import credits_of, price_tag
from generation.views.create import is_advanced_open, page_context

# A refusal that no single field caused stands beside the button.
WHOLE_FORM = "form"


@require_POST
@signed_in
def submit(request: SignedInRequest) -> HttpResponseBase:
    """Send the form off: answer with the new run and what it changes in the form, or with the form and what to mend."""
    form = forms.typed(request.POST, user=request.user, is_advanced_open=is_advanced_open(request))
    try:
        job = lifecycle.submit(request.user, form.params(), key=form.key)
    except InvalidParams as error:
        return _refused(request, form, error.errors)
    except (ModelUnknown, ModelUnavailable) as error:
        return _refused(request, form, [FieldError("model", str(error))])
    except QueueFull as error:
        return _refused(request, form, [FieldError(WHOLE_FORM, str(error))])
    except InsufficientCredits as error:
        words = gettext("This costs %(required)s credits and you have %(available)s. Nothing was sent.") % {
            "required": f"{error.required:,}",
            "available": f"{error.available:,}",
        }
        return _refused(request, form, [FieldError(WHOLE_FORM, words)])
    if not request.htmx:
        return redirect("generation:create")
    return _accepted(request, form, job)


def _accepted(request: SignedInRequest, form: CreateForm, job: Job) -> HttpResponseBase:
    credits = credits_of(request.user)
    stays = forms.stays(form, request.POST)
    form = forms.fresh(form)
    context = {
        "run": face_of(job, request.user),
        "form": form,
        "tag": price_tag(form, credits),
        "credits": credits,
        "stays": stays,
    }
    return render(request, "generation/_submitted.html", context)


def _refused(request: SignedInRequest, form: CreateForm, errors: list[FieldError]) -> HttpResponseBase:
    form = form.refused(errors)
    if not request.htmx:
        return render(request, "generation/create.html", page_context(request, form), status=422)
    context = {"form": form, "tag": price_tag(form, credits_of(request.user))}
    response = render(request, "generation/_form.html", context, status=422)
    response["HX-Retarget"], response["HX-Reswap"] = "#create-form", "morph:outerHTML"
    return response
