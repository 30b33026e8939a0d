"""What was made through the API, for the settings page about keys: fetched by it once it stands."""

from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from accounts.models import ApiKey
from generation.use_chart import chart_of


@require_safe
@signed_in
def api_use(request: SignedInRequest, key_id: UUID | None = None) -> HttpResponseBase:
    """Draw the last 30 days of all keys, or of one with its caps."""
    key = get_object_or_404(ApiKey, pk=key_id, user=request.user) if key_id else None
    return render(request, "generation/_api_use.html", {"chart": chart_of(request.user, key)})
