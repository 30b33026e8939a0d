"""End a run before it is done; what was not drawn is not charged."""

import uuid

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import lifecycle
from generation.models import Job
from generation.views.run import visible_face


@require_POST
@signed_in
def cancel(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """Cancel, and show the run as it is then: it may have ended a moment before."""
    lifecycle.cancel(get_object_or_404(Job.objects.visible_to(request.user), pk=job_id))
    if not request.htmx:
        return redirect("generation:run", job_id)
    return render(request, "generation/_run.html", {"run": visible_face(request, job_id), "with_balance": True})
