"""Settings → API keys: the keys there are, a new one, and when low credits are told."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts import api_keys as keys
from accounts import switches
from accounts.access import SignedInRequest, signed_in
from accounts.errors import TooManyKeys
from accounts.key_forms import LowBalanceForm, NewKeyForm
from accounts.models import ApiAccount, ApiKey, Feature, Scope


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def api_keys(request: SignedInRequest) -> HttpResponseBase:
    """Show the keys; make one and show its text, this once."""
    form = NewKeyForm(request.user, request.POST or None, initial={"kind": "test", "scopes": Scope.values})
    if request.method == "POST" and form.is_valid():
        try:
            key, text = keys.create(request.user, **form.facts)
            return shown_once(request, key, text)
        except TooManyKeys as error:
            form.add_error(None, str(error))
    context = {
        "section": "api_keys",
        "switched_off": switches.said(Feature.API),
        "keys": keys.listed(request.user),
        "form": form,
        "low_balance": LowBalanceForm(instance=ApiAccount.objects.filter(user=request.user).first() or ApiAccount()),
    }
    return render(request, "accounts/api_keys.html", context, status=422 if form.errors else 200)


def shown_once(request: SignedInRequest, key: ApiKey, text: str) -> HttpResponse:
    """Show a key's text. It is in this answer alone, so no cache may keep it."""
    context = {"section": "api_keys", "key": key, "text": text}
    response = render(request, "accounts/api_key_shown.html", context)
    response["Cache-Control"] = "no-store"
    return response
