"""Settings → Billing: balance by lot, the next credits, every line of the ledger."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, signed_in
from billing import ledger, statement

_LARGEST_ID = 2**63 - 1
_ID_DIGITS = len(str(_LARGEST_ID))


@require_GET
@signed_in
def billing_settings(request: SignedInRequest) -> HttpResponse:
    """Show the statement; `?after=<line id>` goes on with older lines, alone for htmx.

    Context of `billing/billing_settings.html`: `statement` (`statement.Statement`: balance, on_hold, lots,
    next_grant) and `page` (`statement.LinePage`: lines, next_after), `is_first_page`. The partial
    `billing/_ledger_lines.html` gets the same `page`, and ends in a link to `?after={{ page.next_after }}` where
    that is not None.
    """
    wallet = ledger.wallet_of(request.user)
    after = _line_id(request.GET.get("after"))
    context = {"page": statement.ledger_lines(wallet, after=after), "is_first_page": after is None}
    if request.htmx and after is not None:
        return render(request, "billing/_ledger_lines.html", context)
    return render(request, "billing/billing_settings.html", {**context, "statement": statement.statement_of(wallet)})


def _line_id(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS and int(text) <= _LARGEST_ID):
        raise Http404("No such line.")
    return int(text)
