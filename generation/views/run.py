"""One run: a page of its own, and the part of a page that follows it until it has ended."""

import uuid

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import gallery
from generation.faces import RunFace, face_of
from generation.models import CustomModel, Job


@require_safe
@signed_in
def run(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """Show a run. Polled by a page, it answers 304 while nothing has changed."""
    if not request.htmx and (model := CustomModel.objects.visible_to(request.user).filter(job=job_id).first()):
        return redirect("generation:model", model.pk)  # a training is looked at with its model
    face = visible_face(request, job_id)
    response: HttpResponseBase
    if request.htmx:
        response = _partial(request, face)
    else:
        response = render(request, "generation/run.html", {"run": face, "nav": "create"})
    patch_vary_headers(response, ["HX-Request"])
    return response


def visible_face(request: SignedInRequest, job_id: uuid.UUID) -> RunFace:
    """Return the reader's own run. Raises: Http404."""
    jobs = Job.objects.visible_to(request.user).prefetch_related(gallery.visible_images(request.user))
    return face_of(get_object_or_404(jobs, pk=job_id), request.user)


def _partial(request: SignedInRequest, face: RunFace) -> HttpResponseBase:
    tag = f'"{face.state_tag}"'
    unchanged: HttpResponseBase | None = get_conditional_response(request, etag=tag, response=None)
    response = unchanged or _render(request, face)
    response["ETag"] = tag
    # The browser keeps the answer and asks each time whether it still holds.
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _render(request: SignedInRequest, face: RunFace) -> HttpResponse:
    # The last answer of a run brings the balance that its receipt left; the first one, by an address of its own that
    # no poll finds in the browser's cache, what its price left.
    context = {"run": face, "with_balance": not face.job.is_active or "balance" in request.GET}
    return render(request, "generation/_run.html", context)
