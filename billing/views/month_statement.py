"""A month of one's ledger, made to be printed."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, signed_in
from billing import month_statement as months
from billing import statement


@require_GET
@signed_in
def month_statement(request: SignedInRequest) -> HttpResponse:
    """Show `?month=2027-03`, the running month without; `?product=api` is the API's.

    Context of `billing/month_statement.html`: `wallet`, `month` (`month_statement.MonthStatement`).
    """
    wallet = statement.wallet_asked_for(request.user, request.GET.get("product", ""))
    if wallet is None:
        raise Http404("No such wallet.")
    first = months.month_asked_for(wallet, request.GET.get("month", ""), timezone.now())
    if first is None:
        raise Http404("No such month.")
    context = {"wallet": wallet, "month": months.statement_of_month(wallet, first)}
    return render(request, "billing/month_statement.html", context)
