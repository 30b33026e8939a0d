"""Cancel the plan: one page, as easy as buying."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from billing import plan_outlook, purchase_words, purchases
from billing.errors import NotSubscribed, PaymentError
from billing.purchase_problems import problem_of


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def cancel_plan(request: SignedInRequest) -> HttpResponseBase:
    """Say until when the plan lasts and what stays; sent, let it end then."""
    problem = None
    try:
        ending = plan_outlook.ending_of(request.user)
        if request.method == "POST":
            messages.success(request, purchase_words.ended(purchases.cancel(request.user)))
            return redirect("billing:settings")
    except NotSubscribed as error:
        messages.info(request, str(error))
        return redirect("billing:settings")
    except PaymentError as error:
        problem = problem_of(error)
    context = {"ending": ending, "problem": problem}
    return render(request, "billing/cancel_plan.html", context, status=problem.status if problem else 200)
