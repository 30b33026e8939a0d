"""Keep the plan: take back a cancellation or a change that waits."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from billing import purchase_words, purchases
from billing.errors import NotSubscribed, PaymentError
from billing.purchase_problems import problem_of


@require_POST
@signed_in
def resume_plan(request: SignedInRequest) -> HttpResponseBase:
    """Let the plan go on as it is."""
    try:
        messages.success(request, purchase_words.resumed(purchases.resume(request.user)))
    except NotSubscribed as error:
        messages.info(request, str(error))
    except PaymentError as error:
        problem = problem_of(error)
        messages.error(request, f"{problem.title}. {problem.text}")
    return redirect("billing:settings")
