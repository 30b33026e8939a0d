"""What there is to tell of credits, for the script of a page that is open."""

from dataclasses import asdict

from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from billing import news as billing_news


@require_safe
@never_cache
@signed_in
def news(request: SignedInRequest) -> HttpResponseBase:
    """Tell it, and how the person wants to hear of it at all; the page remembers what it has told."""
    wanted = billing_news.wanted(request.user)
    found = billing_news.of(request.user, timezone.now()) if wanted else []
    return JsonResponse({"news": [asdict(one) for one in found], "wanted": wanted})
