"""What is for sale at the shop is what the site says, and a second time nothing is changed."""

import time
from dataclasses import replace

from billing.payment_facts import CatalogItem
from billing.stripe_catalog import sync_catalog
from tests.billing.test_shop.counter import OpenShop

BASIC = CatalogItem("basic:month", "basic", "Basic", 1000, "month", description="For a start")
YEAR = CatalogItem("basic:year", "basic", "Basic", 10000, "year", description="For a start")
PACK = CatalogItem("pack:5000", "pack", "5,000 credits", 1500)


def test_products_prices_and_the_portal_are_made_once(gateway_shop: OpenShop) -> None:
    first = sync_catalog([BASIC, YEAR, PACK])
    count = len(gateway_shop.events())
    time.sleep(1 - time.time() % 1)  # in another second "updated" differs, and nothing else
    assert sync_catalog([BASIC, YEAR, PACK]) == first
    assert len(gateway_shop.events()) == count
    price = gateway_shop.v1.prices.retrieve(first["basic:year"], {"expand": ["product"]})
    assert (price.unit_amount, price.recurring.interval, price.lookup_key) == (10000, "year", "basic:year")
    assert (price.product.name, price.product.description) == ("Basic", "For a start")
    (portal,) = gateway_shop.v1.billing_portal.configurations.list().data
    assert portal.features.subscription_cancel.enabled
    assert not portal.features.subscription_update.enabled


def test_another_amount_is_another_price_and_the_old_one_is_withdrawn(gateway_shop: OpenShop) -> None:
    before = sync_catalog([BASIC, PACK])
    after = sync_catalog([replace(BASIC, amount_cents=1200, name="Basic plus"), PACK])
    assert after["pack:5000"] == before["pack:5000"]
    old, new = (gateway_shop.v1.prices.retrieve(one["basic:month"]) for one in (before, after))
    assert (old.active, old.lookup_key) == (False, None)
    assert (new.active, new.lookup_key, new.unit_amount) == (True, "basic:month", 1200)
    assert gateway_shop.v1.products.retrieve(new.product).name == "Basic plus"


def test_what_is_no_longer_listed_is_withdrawn_and_comes_back(gateway_shop: OpenShop) -> None:
    first = sync_catalog([BASIC, PACK])
    sync_catalog([PACK])
    assert not gateway_shop.v1.prices.retrieve(first["basic:month"]).active
    (portal,) = gateway_shop.v1.billing_portal.configurations.list().data
    assert not portal.features.subscription_update.enabled
    assert sync_catalog([BASIC, PACK]) == first
    assert gateway_shop.v1.prices.retrieve(first["basic:month"]).active


def test_prices_that_somebody_else_made_are_left_alone(gateway_shop: OpenShop) -> None:
    product = gateway_shop.v1.products.create({"name": "Theirs"}).id
    words = {"product": product, "currency": "usd", "unit_amount": 100, "lookup_key": "theirs"}
    theirs = gateway_shop.v1.prices.create(words).id
    sync_catalog([PACK])
    assert gateway_shop.v1.prices.retrieve(theirs).active
