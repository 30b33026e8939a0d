"""Buy credits at once: what was chosen, and the way to the checkout."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from billing import purchases, stripe_gateway
from billing.errors import PaymentError, PurchaseRefused
from billing.purchase_forms import PackChoice
from billing.purchase_problems import problem_of


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def start_pack(request: SignedInRequest) -> HttpResponseBase:
    """Show the pack of `?pack=` and, sent with a `form_key`, open its checkout."""
    asked = PackChoice(request.POST if request.method == "POST" else request.GET)
    if not asked.is_valid():
        messages.error(request, gettext("That pack can’t be bought. These can."))
        return redirect("pricing")
    pack, problem = asked.chosen, None
    if request.method == "POST":
        try:
            address = purchases.start_pack(request.user, pack, form_key=asked.key)
            return HttpResponseRedirect(address, status=303)
        except (PaymentError, PurchaseRefused) as error:
            problem = problem_of(error)
    key = asked.key if problem and problem.keeps_key else uuid4()
    context = {"pack": pack, "is_open": stripe_gateway.is_open(), "form_key": key, "problem": problem}
    return render(request, "billing/start_pack.html", context, status=problem.status if problem else 200)
