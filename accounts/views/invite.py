"""The door for invited people: `/r/<code>/` leads to sign-up, `/?ref=<code>` to the first page."""

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import referrals


@require_safe
@never_cache
def invite(request: HttpRequest, code: str, lead_to: str = "account_signup") -> HttpResponseBase:
    """Remember who invites and lead on. A code that nobody has is no error: the visitor is welcome all the same."""
    referrer = referrals.find_referrer(code)
    if referrer is None:
        messages.info(request, gettext("We don’t know this invite link. You are welcome without one, too."))
        return redirect("landing")
    if request.user == referrer:
        messages.info(request, gettext("This is your own link. Send it to somebody who is not here yet."))
        return redirect("referrals")
    if request.user.is_authenticated:
        messages.info(
            request, gettext("You have an account already; invites are for new people. You can invite friends, too.")
        )
        return redirect("referrals")
    response = redirect(lead_to)
    if request.method == "GET":
        referrals.remember_click(referrer, request, response)
    response["X-Robots-Tag"] = "noindex"
    return response
