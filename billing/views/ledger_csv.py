"""Every line of one's ledger as a file."""

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, signed_in
from billing import ledger, ledger_csv


@require_GET
@signed_in
def download(request: SignedInRequest) -> StreamingHttpResponse:
    """Send the file while it is read: a long ledger stays out of memory."""
    lines = ledger_csv.rows(ledger.wallet_of(request.user))
    headers = {"Content-Disposition": 'attachment; filename="credits.csv"', "Cache-Control": "private, no-store"}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
