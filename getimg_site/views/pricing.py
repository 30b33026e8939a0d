"""The pricing page: plans by the month or year, packs, and what the API is not part of."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.price_list import price_list
from generation.catalog import OPEN_RAIL_M
from getimg_site import structured_data


@require_safe
def pricing(request: HttpRequest) -> HttpResponseBase:
    """Show what is for sale; `?by=year` shows the year's prices, `?back=1` comes from a checkout that was left."""
    reader = request.user if request.user.is_authenticated else None
    listed = price_list(reader, request.GET.get("by", ""))
    context = {"list": listed, "licence": OPEN_RAIL_M, "has_left_checkout": "back" in request.GET}
    plans, packs = [offer.plan for offer in listed.plans], [offer.pack for offer in listed.packs]
    context["structured"] = structured_data.of_studio(plans, packs, is_open=listed.is_open)
    return render(request, "getimg_site/pricing.html", context)
