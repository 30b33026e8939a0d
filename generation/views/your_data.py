"""Settings → Your data: everything as one file, and the way out."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import exports


@require_safe
@signed_in
@never_cache
def your_data(request: SignedInRequest) -> HttpResponseBase:
    """Show the export; polled by the page, its part alone."""
    context = {"section": "your_data", "export": exports.latest(request.user), "kept_days": exports.KEPT.days}
    template = "generation/_export.html" if request.htmx else "generation/your_data.html"
    return render(request, template, context)
