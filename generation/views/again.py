"""Run the same settings once more: with the same seeds, or with new ones."""

import uuid

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from billing.errors import InsufficientCredits
from generation import lifecycle, params
from generation.errors import InvalidParams, ModelUnavailable, ModelUnknown, QueueFull, SourceGone
from generation.faces import face_of
from generation.models import Job
from generation.price_tag import credits_of


@require_POST
@signed_in
def again(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """Send a run once more; `seed=new` draws other pictures, else the same ones come again."""
    source = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    values, words = params.values_of(source.task, source.params), source.words
    if request.POST.get("seed") == "new":
        values.pop("seed", None)
        words = None
    context: dict[str, object] = {"source": source}
    try:
        wanted = params.parse(source.task, values, request.user)
        job = lifecycle.submit(request.user, wanted, key=request.POST.get("key", "")[:64], words=words)
        context["run"] = face_of(job)
    except InsufficientCredits as error:
        context["refusal"] = gettext("This costs %(required)s credits and you have %(available)s.") % {
            "required": f"{error.required:,}",
            "available": f"{error.available:,}",
        }
    except InvalidParams as error:
        context |= {"refusal": error.errors[0].message, "link": error.errors[0].link}
    except (QueueFull, ModelUnknown, ModelUnavailable, SourceGone) as error:
        context["refusal"] = str(error)
    context["credits"] = credits_of(request.user)
    if request.htmx:
        return render(request, "generation/_again.html", context)
    return redirect("generation:create")
