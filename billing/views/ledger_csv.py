"""Every line of one's ledger as a file."""

from django.http import Http404, StreamingHttpResponse
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, signed_in
from billing import ledger_csv, statement
from billing.models import Product


@require_GET
@signed_in
def download(request: SignedInRequest) -> StreamingHttpResponse:
    """Send the file while it is read: a long ledger stays out of memory. `?product=api` is the API's."""
    wallet = statement.wallet_asked_for(request.user, request.GET.get("product", ""))
    if wallet is None:
        raise Http404("No such wallet.")
    lines = ledger_csv.rows(wallet)
    name = "credits.csv" if wallet.product == Product.SITE else f"{wallet.product}-credits.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
