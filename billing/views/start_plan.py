"""Subscribe: what was chosen, and the way to the checkout."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from billing import brought, ledger, paid_months, purchases, stripe_gateway, subscriptions
from billing.errors import PaymentError, PurchaseRefused
from billing.purchase_forms import PlanChoice
from billing.purchase_problems import problem_of


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def start_plan(request: SignedInRequest) -> HttpResponseBase:
    """Show the plan of `?plan=&interval=` and, sent with a `form_key`, open its checkout.

    Who has just signed up to buy lands here; who has a plan already changes it instead.
    """
    asked = PlanChoice(request.POST if request.method == "POST" else request.GET)
    if not asked.is_valid():
        messages.error(request, gettext("That plan can’t be bought. These can."))
        return redirect("pricing")
    plan, interval = asked.chosen
    if subscriptions.running_of(request.user):
        query = urlencode({"plan": plan.pk, "interval": interval})
        return HttpResponseRedirect(f"{reverse('billing:change_plan')}?{query}", status=303)
    problem = None
    if request.method == "POST":
        try:
            address = purchases.start_plan(request.user, plan, interval, form_key=asked.key)
            return HttpResponseRedirect(address, status=303)
        except (PaymentError, PurchaseRefused) as error:
            problem = problem_of(error)
    key = asked.key if problem and problem.keeps_key else uuid4()
    facts = {"plan": plan, "interval": interval, "cents": plan.cents(interval), "is_open": stripe_gateway.is_open()}
    next_on = paid_months.next_on(ledger.wallet_of(request.user), interval, timezone.now())
    credits = {"credits_at_once": paid_months.credits_a_month(plan), "free_credits": brought.free_level()}
    context = {**facts, **credits, "next_on": next_on, "form_key": key, "problem": problem}
    return render(request, "billing/start_plan.html", context, status=problem.status if problem else 200)
