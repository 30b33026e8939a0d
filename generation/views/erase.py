"""Settings → Your data → Erase the account: what happens, and the button, behind the password."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import erased_mailboxes
from accounts.access import SignedInRequest, signed_in
from billing import subscriptions
from generation import erasing
from generation.erasing import NotErasable


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def erase(request: HttpRequest) -> HttpResponseBase:
    """Let people in who are signed in and have just said that it is them."""
    return signed_in(reauthentication_required(_erase))(request)


def _erase(request: SignedInRequest) -> HttpResponseBase:
    user, error = request.user, ""
    typed = request.POST.get("address", "").strip()
    if request.method == "POST":
        try:
            if typed.lower() == user.email:
                erasing.request(user)
                logout(request)
                messages.success(
                    request, gettext("Your account is closed and is being erased. A receipt comes by e-mail.")
                )
                return redirect("landing")
            error = gettext("That is not the address of this account. Type %(address)s to confirm.") % {
                "address": user.email
            }
        except NotErasable as refusal:
            error = str(refusal)
    context: dict[str, Any] = {"section": "your_data", "goes": erasing.what_goes(user), "error": error, "typed": typed}
    context |= {"plan": subscriptions.running_of(user), "support_email": settings.SUPPORT_EMAIL}
    context |= {"mailbox_days": erased_mailboxes.KEPT_DAYS}
    return render(request, "generation/erase.html", context, status=422 if error else 200)
