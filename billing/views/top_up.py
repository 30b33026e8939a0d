"""The automatic top-ups of API credits, set on Settings → Billing."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from billing import ledger
from billing.models import Product
from billing.top_up_forms import TopUpForm


@require_POST
@signed_in
def top_up(request: SignedInRequest) -> HttpResponse:
    """Turn the top-ups on or off and change their terms; what does not fit is said at its field."""
    wallet = ledger.wallet_of(request.user, Product.API)
    form = TopUpForm(wallet, request.POST)
    if not form.is_valid():
        return render(request, "billing/top_up.html", {"top_up_form": form, "wallet": wallet}, status=422)
    form.save()
    if form.cleaned_data["is_on"]:
        messages.success(request, gettext("Automatic top-up is on. You get a receipt for each one."))
    else:
        messages.success(request, gettext("Automatic top-up is off. Nothing is charged by itself."))
    return HttpResponseRedirect(f"{reverse('billing:settings')}?product=api#top-up", status=303)
