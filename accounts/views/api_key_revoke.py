"""End a key."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts import api_keys
from accounts.access import SignedInRequest, signed_in
from accounts.models import ApiKey


@require_POST
@signed_in
def api_key_revoke(request: SignedInRequest, key_id: UUID) -> HttpResponseBase:
    """Revoke it; a second click finds it revoked."""
    key = get_object_or_404(ApiKey, pk=key_id, user=request.user)
    if api_keys.revoke(key):
        messages.success(
            request, gettext("“%(name)s” is revoked. Requests with it are refused from now on.") % {"name": key.name}
        )
    response: HttpResponseRedirect = redirect("accounts:api_keys")
    return response
