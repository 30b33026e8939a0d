"""The editor's button: one press makes one run."""

import uuid

from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from billing.errors import InsufficientCredits
from generation import edit_forms, lifecycle
from generation.errors import GenerationError


@require_POST
@signed_in
def edit_submit(request: SignedInRequest) -> HttpResponseBase:
    """Send the form off: answer with the run's address and a fresh key, or with what to mend."""
    form = edit_forms.typed(request.POST)
    try:
        job = lifecycle.submit(request.user, form.params(request.user), key=form.key)
    except (GenerationError, InsufficientCredits) as error:
        return JsonResponse(edit_forms.refusals(error), status=422)
    run = {"id": str(job.pk), "url": reverse("generation:run", args=[job.pk]), "status": job.status}
    return JsonResponse({"run": run, "key": uuid.uuid4().hex}, status=201)
