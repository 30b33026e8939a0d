"""Settings → API keys: the keys there are, a new one, and when low credits are told."""

from django.http import HttpResponse, QueryDict
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
    form = new_key_form(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key, text = keys.create(request.user, **form.facts)
            return shown_once(request, key, text)
        except TooManyKeys as error:
            form.add_error(None, str(error))
    account = ApiAccount.objects.filter(user=request.user).first() or ApiAccount()
    return page(request, form, LowBalanceForm(instance=account))


def page(request: SignedInRequest, form: NewKeyForm, low_balance: LowBalanceForm) -> HttpResponse:
    """Return the page with its two forms."""
    context = {
        "section": "api_keys",
        "switched_off": switches.said(Feature.API),
        "keys": keys.listed(request.user),
        "form": form,
        "low_balance": low_balance,
    }
    is_refused = form.errors or low_balance.errors
    return render(request, "accounts/api_keys.html", context, status=422 if is_refused else 200)


def new_key_form(request: SignedInRequest, data: QueryDict | None = None) -> NewKeyForm:
    """Return the form of a new key, as it was sent or as it begins."""
    return NewKeyForm(request.user, data, initial={"kind": "test", "scopes": Scope.values})


def shown_once(request: SignedInRequest, key: ApiKey, text: str) -> HttpResponse:
    """Show a key's text. It is in this answer alone, so no cache may keep it."""
    context = {"section": "api_keys", "key": key, "text": text}
    response = render(request, "accounts/api_key_shown.html", context)
    response["Cache-Control"] = "no-store"
    return response
