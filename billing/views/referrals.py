"""Settings → Referrals: the personal link, what it brings, and what each invite became."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import places
from accounts import referrals as invites
from accounts.access import SignedInRequest, signed_in
from billing.invites import InvitePage


@require_safe
@signed_in
def referrals(request: SignedInRequest) -> HttpResponseBase:
    """Show the invites. Context of `billing/referrals.html`: `invites` (`invites.InvitePage`)."""
    context = {"invites": InvitePage.of(request.user), "section": "referrals"}
    response = render(request, "billing/referrals.html", context)
    # Known from here on: who signs up in this very browser is no friend, and many in another are one computer's.
    invites.note_device(request.user, places.name_device(request, response))
    return response
