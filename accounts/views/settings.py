"""The way into the settings."""

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in


@require_safe
@signed_in
def settings(request: SignedInRequest) -> HttpResponseBase:
    """Lead to the first section."""
    response: HttpResponseRedirect = redirect("accounts:profile")
    return response
