from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from tests.billing import till
from tests.billing.test_shop.counter import OpenShop

pytestmark = pytest.mark.django_db


def test_the_shop_is_told_what_is_for_sale(gateway_shop: OpenShop) -> None:
    out = StringIO()
    for _ in range(2):
        call_command("sync_plans", stdout=out)
    assert f"Starter: {till.plan('starter').month_price_id} a month" in out.getvalue()
    prices = gateway_shop.v1.prices.list({"limit": 100}).data
    assert len({price.lookup_key for price in prices}) == len(prices) > 6


def test_without_a_key_it_says_so(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(CommandError, match="not set up"):
        call_command("sync_plans")
