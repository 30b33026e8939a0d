"""Pay what is open: a renewal that failed, or a change that the bank wants confirmed."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from billing import purchases
from billing.errors import PaymentError
from billing.purchase_problems import problem_of


@require_POST
@signed_in
def pay(request: SignedInRequest) -> HttpResponseBase:
    """Go to the shop's page of the newest open invoice."""
    try:
        for invoice in purchases.invoices(request.user):
            if invoice.status == "open" and invoice.url:
                return HttpResponseRedirect(invoice.url, status=303)
        messages.info(request, gettext("Nothing is open; everything is paid."))
    except PaymentError as error:
        problem = problem_of(error)
        messages.error(request, gettext("%(title)s. Try again in a minute.") % {"title": problem.title})
    return redirect("billing:settings")
