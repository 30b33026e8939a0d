"""Money by day: plots, a table and a file, for operators who may see payments."""

import csv

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext

from billing import figures
from billing.figures import Figures


def money_page(request: HttpRequest) -> HttpResponse:
    """Show `?days=30|90|365` in one `currency`; `?as=csv` sends the figures."""
    if not request.user.has_perm("billing.view_payment"):
        raise PermissionDenied
    known = figures.currencies()
    asked = request.GET.get("currency", "")
    currency = asked if asked in known else ("usd" if "usd" in known else known[0])
    asked_days = request.GET.get("days", "")
    days = int(asked_days) if asked_days in {str(span) for span in figures.SPANS} else figures.SPANS[0]
    found = figures.figures_of(timezone.now(), days, currency)
    if request.GET.get("as") == "csv":
        return _file(found)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Money"),
        "figures": found,
        "header": [gettext(name) for name in figures.HEADER],
        "days": days,
        "spans": figures.SPANS,
        "currencies": known,
    }
    return TemplateResponse(request, "admin/billing/money.html", context)


def _file(found: Figures) -> HttpResponse:
    name = f"money-{found.currency}-{found.days[0].on}-{found.days[-1].on}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    writer = csv.writer(response)
    writer.writerow(figures.HEADER)
    writer.writerows(day.cells for day in found.days)
    return response
