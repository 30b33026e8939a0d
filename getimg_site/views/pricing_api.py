"""What the API costs: prepaid packs, for anyone; a product of its own."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import test_allowance
from billing import stripe_gateway
from billing.models import Product
from billing.price_list import pack_offers
from billing.statement import balance_of
from generation import price_list
from getimg_site import structured_data


@require_safe
def pricing_api(request: HttpRequest) -> HttpResponseBase:
    """Show the API's packs and prices and, to who is signed in, what their API wallet holds."""
    reader = request.user if request.user.is_authenticated else None
    packs = pack_offers(reader, Product.API)
    context = {
        "packs": packs,
        "structured": structured_data.of_api([offer.pack for offer in packs], is_open=stripe_gateway.is_open()),
        "balance": balance_of(reader, Product.API) if reader else None,
        "prices": price_list.lines(),
        "test_pictures": test_allowance.PICTURES_A_DAY,
        "retention_days": settings.API_RETENTION_DAYS,
        "has_left_checkout": "back" in request.GET,
    }
    return render(request, "getimg_site/pricing_api.html", context)
