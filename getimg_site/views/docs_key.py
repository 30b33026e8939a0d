"""A test key for the quick start: made by a press, and shown in every snippet of this visit."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts import api_keys
from accounts.access import SignedInRequest, signed_in
from accounts.errors import TooManyKeys
from accounts.models import Scope
from generation import sealing
from getimg_site.views.docs import KEY_IN_SESSION


@require_POST
@signed_in
def docs_key(request: SignedInRequest) -> HttpResponse:
    """Make a test key. It costs nothing and can spend nothing, so this visit may remember it."""
    try:
        _, text = api_keys.create(request.user, "Quick start", is_test=True, scopes=[Scope.GENERATE, Scope.READ])
        request.session[KEY_IN_SESSION] = sealing.seal(text)  # sessions lie in the database
        messages.success(
            request, gettext("A test key is in every example on these pages. Copy it; it is not shown again.")
        )
    except TooManyKeys as error:
        messages.error(request, str(error))
    back = request.POST.get("next", "")
    # What is no path could be taken for the name of a page.
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(
        back, {request.get_host()}, require_https=not settings.DEBUG and request.is_secure()
    )
    return redirect(back if is_ours else "docs")
