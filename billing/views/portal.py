"""The shop's own pages about a person: card, invoices, address."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from billing import purchases
from billing.errors import NotSubscribed, PaymentError
from billing.purchase_problems import problem_of


@require_POST
@signed_in
def portal(request: SignedInRequest) -> HttpResponseBase:
    """Open them; each visit has an address of its own, which soon expires."""
    try:
        return HttpResponseRedirect(purchases.portal_url(request.user), status=303)
    except NotSubscribed:
        messages.info(request, gettext("You have bought nothing yet, so there is no card and no invoice."))
    except PaymentError as error:
        problem = problem_of(error)
        messages.error(request, gettext("%(title)s. Try again in a minute.") % {"title": problem.title})
    return redirect("billing:settings")
