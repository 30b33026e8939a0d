"""Two pictures of one's own, one over the other or side by side."""

import uuid

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedInRequest, signed_in
from generation import library_filters, retention, shelving
from generation.errors import InvalidParams
from generation.faces import RunFace
from generation.models import Image
from generation.views.act import back_to_library, with_search


@require_POST
@signed_in
def choose_two(request: SignedInRequest) -> HttpResponseBase:
    """Lead from two selected pictures to their page."""
    try:
        ids = shelving.ids_of(request.POST.getlist("picture"))
    except InvalidParams as error:
        messages.error(request, error.errors[0].message)
        return back_to_library(request)
    if len(ids) != 2:
        words = ngettext(
            "Two pictures can be compared; %(count)s is selected.",
            "Two pictures can be compared; %(count)s are selected.",
            len(ids),
        )
        messages.error(request, words % {"count": len(ids)})
        return back_to_library(request)
    # The older one first: what came of it lies over it.
    return with_search(request, reverse("generation:compare", args=[min(ids), max(ids)]))


@require_safe
@signed_in
def compare(request: SignedInRequest, first: uuid.UUID, second: uuid.UUID) -> HttpResponseBase:
    """Show both, and which settings differ."""
    pictures = retention.with_wallets(Image.objects.visible_to(request.user)).select_related("job", "clip")
    sides = [get_object_or_404(pictures, pk=pk) for pk in (first, second)]
    context = {"first": sides[0], "second": sides[1], "differences": _differences(*sides), "nav": "library"}
    context["found"] = library_filters.parse(request.GET, request.user)
    context["keepings"] = [retention.keeping_of(side) for side in sides]
    return render(request, "generation/compare.html", context)


def _differences(first: Image, second: Image) -> list[tuple[str, str, str]]:
    """Return what the two were made with, where it differs: name, of the first, of the second."""
    facts = [_facts(first), _facts(second)]
    return [(name, facts[0][name], facts[1][name]) for name in facts[0] if facts[0][name] != facts[1][name]]


def _facts(image: Image) -> dict[str, str]:
    run, params = RunFace(image.job, [], None, None), image.job.params
    return {
        gettext("Prompt"): image.prompt,
        gettext("Without"): image.negative_prompt,
        gettext("Made by"): image.job.task_name,
        gettext("Model"): run.served_by,
        gettext("Size"): f"{image.width} × {image.height}",
        gettext("Seed"): str(image.seed),
        gettext("Steps"): str(params.get("num_inference_steps", "")),
        gettext("Guidance"): str(params.get("guidance_scale", "")),
        gettext("Scheduler"): str(run.scheduler) if params.get("scheduler") else "",
        gettext("Strength"): str(params.get("strength", "")),
    }
