"""Run the same settings once more: with the same seeds, or with new ones."""

import uuid

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from billing.errors import InsufficientCredits
from generation import lifecycle, once_more
from generation.errors import InvalidParams, ModelUnavailable, ModelUnknown, QueueFull, SourceGone
from generation.faces import face_of
from generation.models import Job
from generation.price_tag import credits_of


@require_POST
@signed_in
def again(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """Send a run once more; `seed=new` draws other pictures, else the same ones come again."""
    source = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    is_varied = request.POST.get("seed") == "new"
    words = None if is_varied else source.words
    context: dict[str, object] = {"source": source}
    try:
        wanted = once_more.params_of(source, request.user, is_varied=is_varied)
        job = lifecycle.submit(request.user, wanted, key=request.POST.get("key", "")[:64], words=words)
        context["run"] = face_of(job, request.user)
    except InsufficientCredits as error:
        context["refusal"] = gettext("This costs %(required)s credits and you have %(available)s.") % {
            "required": f"{error.required:,}",
            "available": f"{error.available:,}",
        }
    except InvalidParams as error:
        context |= {"refusal": error.errors[0].message, "link": error.errors[0].link}
    except (QueueFull, ModelUnknown, ModelUnavailable, SourceGone) as error:
        context["refusal"] = str(error)
    if not request.htmx:
        return _to_create(request, context)
    again = once_more.offers_of([source], request.user)[source.pk]
    context |= {"again": again, "credits": credits_of(request.user)}
    return render(request, "generation/_again.html", context)


def _to_create(request: SignedInRequest, context: dict[str, object]) -> HttpResponseBase:
    """Lead to Create, which says why nothing is there where it was refused."""
    if "refusal" in context:
        messages.error(request, str(context["refusal"]))
    return redirect("generation:create")
