"""Below how many API credits a mail goes out."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from accounts.key_forms import LowBalanceForm
from accounts.models import ApiAccount
from accounts.views.api_keys import new_key_form, page


@require_POST
@signed_in
def api_alerts(request: SignedInRequest) -> HttpResponseBase:
    """Save the level; the next time the balance falls below it is told anew."""
    account = ApiAccount.objects.get_or_create(user=request.user)[0]
    form = LowBalanceForm(request.POST, instance=account)
    if not form.is_valid():
        return page(request, new_key_form(request), form)
    form.save()
    messages.success(request, gettext("Saved."))
    response: HttpResponseRedirect = redirect("accounts:api_keys")
    return response
