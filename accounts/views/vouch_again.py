"""Is it you? Answered by the site through which somebody logs in who has no password."""

from allauth.account.utils import get_next_redirect_url
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import vouched_again
from accounts.access import SignedInRequest, signed_in


@require_safe
@signed_in
def vouch_again(request: SignedInRequest) -> HttpResponseBase:
    """Offer the way there, which comes back to the page that asked."""
    back = get_next_redirect_url(request) or reverse("mfa_index")  # never another site
    context = {"sites": vouched_again.sites_of(request, request.user), "back": back}
    return render(request, "accounts/vouch_again.html", context)
