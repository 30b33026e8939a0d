"""The prompts a person has used, for Back and Forward in the prompt box."""

from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import prompt_history
from generation.views.create import uuid_or_none


@require_safe
@never_cache
@signed_in
def prompts(request: SignedInRequest) -> HttpResponseBase:
    """Answer with the prompts of the newest runs older than `before`, and where the next ones begin."""
    found = prompt_history.page(request.user, before=uuid_or_none(request.GET.get("before")))
    return JsonResponse({"prompts": found.prompts, "before": found.next_before})
