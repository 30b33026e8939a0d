"""Run the same settings once more: with the same seeds, or with new ones."""

import uuid
from dataclasses import replace

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from billing.errors import InsufficientCredits
from generation import lifecycle
from generation.errors import InvalidParams, ModelUnavailable, ModelUnknown, QueueFull
from generation.faces import face_of
from generation.models import Job
from generation.params import TextToImageParams
from generation.price_tag import credits_of


@require_POST
@signed_in
def again(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """Send a run once more; `seed=new` draws other pictures, else the same ones come again."""
    source = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    params, words = TextToImageParams(**source.params), source.words
    if request.POST.get("seed") == "new":
        params, words = replace(params, seed=None), None
    context: dict[str, object] = {"source": source}
    try:
        job = lifecycle.submit(request.user, params, key=request.POST.get("key", "")[:64], words=words)
        context["run"] = face_of(job)
    except InsufficientCredits as error:
        context["refusal"] = f"This costs {error.required:,} credits and you have {error.available:,}."
    except InvalidParams as error:
        context["refusal"] = error.errors[0].message
    except (QueueFull, ModelUnknown, ModelUnavailable) as error:
        context["refusal"] = str(error)
    context["credits"] = credits_of(request.user)
    if request.htmx:
        return render(request, "generation/_again.html", context)
    return redirect("generation:create")
