"""The shop's invoices, a part of Settings → Billing that comes after the page: the shop may be slow, or down."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, signed_in
from billing.invoice_lines import invoice_lines


@require_GET
@signed_in
def invoices(request: SignedInRequest) -> HttpResponse:
    """Show one's invoices. Context of `billing/_invoices.html`: `invoices` (None: the shop does not answer)."""
    return render(request, "billing/_invoices.html", {"invoices": invoice_lines(request.user)})
