"""Settings → Billing: plan, balance by lot, what comes, what was spent on what, payments, every line of the ledger."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, signed_in
from billing import calendar_feed, forecast, month_grid, plan_card, receipts, statement, top_ups, usage
from billing.models import Customer, Product, Wallet
from billing.money import amount
from billing.top_up_forms import TopUpForm

_LARGEST_ID = 2**63 - 1
_ID_DIGITS = len(str(_LARGEST_ID))


@require_GET
@signed_in
def billing_settings(request: SignedInRequest) -> HttpResponse:
    """Show the statement; `?after=<line id>` goes on with older lines, alone for htmx; `?product=api` is the API's.

    Context of `billing/billing_settings.html`: `wallet`, `page` (`statement.LinePage`: lines, next_after),
    `is_first_page`, and on the first page what `_first_page` returns. The partial `billing/_ledger_lines.html` gets
    the same `page`, and ends in a link to `?after={{ page.next_after }}` where that is not None.
    """
    wallet = statement.wallet_asked_for(request.user, request.GET.get("product", ""))
    if wallet is None:
        raise Http404("No such wallet.")
    after = _line_id(request.GET.get("after"))
    lines = statement.ledger_lines(wallet, after=after)
    context = {"wallet": wallet, "page": lines, "is_first_page": after is None}
    if request.htmx and after is not None:
        return render(request, "billing/_ledger_lines.html", context)
    if after is None:
        context |= _first_page(wallet)
        if hasattr(request, "support_visit"):
            context["feed_token"] = ""  # a secret of the person's, which support has no use for
    return render(request, "billing/billing_settings.html", context)


def _first_page(wallet: Wallet) -> dict[str, Any]:
    """Return what stands above the lines.

    `has_api` (whether there is a wallet of the API's to go to), `top_up_form`, `top_up` (the API's automatic top-ups:
    their form, and how they stand), `top_up_spent` (what they cost this month, in words), `plan_card`, `statement`,
    `coming` and `months` (the facts of the year to come, the months drawn), `feed_token`, `usage` and its `day_plot`,
    `paid` (`receipts.PaidLine`s), `has_shop` (whether the shop knows the person).
    """
    now = timezone.now()
    coming = forecast.facts_of(wallet, now)
    spent = usage.usage_of(wallet, now)
    asked = top_ups.of(wallet)
    spent_cents = top_ups.spent_cents(wallet, now, asked.currency) if asked else 0
    has_api = Wallet.objects.filter(user=wallet.user, product=Product.API).exists()
    return {
        "top_up_form": TopUpForm.of(wallet) if wallet.product == Product.API else None,
        "top_up": asked,
        "top_up_spent": amount(spent_cents, asked.currency) if asked and spent_cents else "",
        "has_api": has_api,
        "plan_card": plan_card.of(wallet.user),
        "statement": statement.statement_of(wallet),
        "coming": coming,
        "months": month_grid.months(now.astimezone(wallet.user.zone).date(), coming),
        "feed_token": calendar_feed.token_of(wallet),
        "usage": spent,
        "day_plot": spent.plot,
        "paid": receipts.payments_of(wallet.user),
        "has_shop": Customer.objects.filter(user=wallet.user).exists(),
    }


def _line_id(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS and int(text) <= _LARGEST_ID):
        raise Http404("No such line.")
    return int(text)
