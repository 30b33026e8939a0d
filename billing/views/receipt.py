"""The receipt of one payment, made to be printed."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, signed_in
from billing.models import Payment
from billing.receipts import receipt_of


@require_GET
@signed_in
def receipt(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Show a receipt to who paid. Context of `billing/receipt.html`: `receipt` (`receipts.Receipt`)."""
    own = Payment.objects.filter(wallet__user=request.user)
    payment = get_object_or_404(own.select_related("wallet__user", "plan", "pack", "subscription"), pk=pk)
    return render(request, "billing/receipt.html", {"receipt": receipt_of(payment)})
