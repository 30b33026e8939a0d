"""The way back from a run, where a picture's page shows only the nearest of it."""

import uuid

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import lineage
from generation.models import Job


@require_safe
@signed_in
def earlier_pictures(request: SignedInRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """Show what one of the reader's runs began from, and what that came of; a partial request gets the tree alone."""
    job = get_object_or_404(Job.objects.visible_to(request.user).select_related("user"), pk=job_id)
    name = "_lineage_parents.html" if request.htmx else "lineage.html"
    return render(request, f"generation/{name}", {"node": lineage.earlier(job), "job": job, "nav": "library"})
