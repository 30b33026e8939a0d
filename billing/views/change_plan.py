"""Change the plan: what exactly happens, then the deed; what has changed since is said anew, and not done."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from billing import plan_outlook, purchase_words, purchases
from billing.errors import AlreadyOnPlan, NotSubscribed, PaymentError, PriceChanged, PurchaseRefused
from billing.purchase_forms import PlanChoice
from billing.purchase_problems import Problem, problem_of


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change_plan(request: SignedInRequest) -> HttpResponseBase:
    """Show what a change to `?plan=&interval=` means; sent with a `form_key`, make it."""
    asked = PlanChoice(request.POST if request.method == "POST" else request.GET)
    if not asked.is_valid():
        messages.error(request, gettext("That plan can’t be chosen. These can."))
        return redirect("pricing")
    plan, interval = asked.chosen
    try:
        return _make(request, asked) if request.method == "POST" else _show(request, asked)
    except NotSubscribed:
        query = urlencode({"plan": plan.pk, "interval": interval})
        return HttpResponseRedirect(f"{reverse('billing:start_plan')}?{query}")
    except AlreadyOnPlan as error:
        messages.info(request, str(error))
        return redirect("billing:settings")
    except (PaymentError, PurchaseRefused) as error:
        return _refused(request, asked, problem_of(error))


def _make(request: SignedInRequest, asked: PlanChoice) -> HttpResponseBase:
    plan, interval = asked.chosen
    try:
        changed = purchases.change_plan(request.user, plan, interval, form_key=asked.key, seen=asked.offer)
    except PriceChanged as error:
        return _show(request, asked, problem_of(error))
    messages.success(request, purchase_words.changed_to(changed))
    return redirect("billing:settings")


def _show(request: SignedInRequest, asked: PlanChoice, problem: Problem | None = None) -> HttpResponseBase:
    change = plan_outlook.change_of(request.user, *asked.chosen)
    return _page(request, asked, {"change": change, "problem": problem, "seen": change.offer, "form_key": uuid4()})


def _refused(request: SignedInRequest, asked: PlanChoice, problem: Problem) -> HttpResponseBase:
    """Say what stands in the way. The same form goes again where the first may have been lost on its way."""
    key = asked.key if problem.keeps_key and request.method == "POST" else None
    return _page(request, asked, {"problem": problem, "seen": asked.offer, "form_key": key})


def _page(request: SignedInRequest, asked: PlanChoice, facts: dict[str, object]) -> HttpResponseBase:
    plan, interval = asked.chosen
    problem = facts.get("problem")
    status = problem.status if isinstance(problem, Problem) else 200
    return render(request, "billing/change_plan.html", {"plan": plan, "interval": interval, **facts}, status=status)
