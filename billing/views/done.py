"""Back from the checkout: what was bought is here, whether or not the shop's letter has come."""

import re

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, signed_in
from billing import purchase_words, purchases
from billing.errors import CheckoutNotFound, PaymentError
from billing.purchase_problems import problem_of

_CHECKOUT_ID = re.compile(r"cs_[A-Za-z0-9_]{1,200}")


@require_GET
@signed_in
def done(request: SignedInRequest) -> HttpResponseBase:
    """Apply the checkout of `?checkout=` and say what came; while the shop can't be asked, say so."""
    checkout_id = request.GET.get("checkout", "")
    try:
        if not _CHECKOUT_ID.fullmatch(checkout_id):
            raise CheckoutNotFound
        facts = purchases.complete_checkout(request.user, checkout_id)
    except CheckoutNotFound as error:
        messages.error(request, str(error))
        return redirect("billing:settings")
    except PaymentError as error:
        problem = problem_of(error)
        return render(request, "billing/done.html", {"checkout_id": checkout_id}, status=problem.status)
    if facts.status == "open":
        messages.info(request, gettext("Nothing was charged."))
        return redirect("pricing")
    thanks = purchase_words.thanks_for(facts)
    messages.success(request, thanks.text)
    return redirect(thanks.page)
