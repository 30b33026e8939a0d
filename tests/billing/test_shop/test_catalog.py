"""Products and prices."""

import pytest
import stripe

from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_a_lookup_key_belongs_to_one_price_and_can_be_handed_over(shop: OpenShop, catalog: Catalog) -> None:
    price = {"product": catalog.product, "currency": "usd", "unit_amount": 1200, "lookup_key": "basic:month"}
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        shop.v1.prices.create({**price, "recurring": {"interval": "month"}})
    new = shop.v1.prices.create({**price, "recurring": {"interval": "month"}, "transfer_lookup_key": True})
    assert [one.id for one in shop.v1.prices.list({"lookup_keys": ["basic:month"]}).data] == [new.id]
    assert shop.v1.prices.retrieve(catalog.basic).lookup_key is None


def test_prices_are_listed_by_kind_and_whether_they_are_sold(shop: OpenShop, catalog: Catalog) -> None:
    shop.v1.prices.update(catalog.pro, {"active": False})
    recurring = shop.v1.prices.list({"type": "recurring", "active": True}).data
    assert {price.id for price in recurring} == {catalog.basic, catalog.pro_year}


def test_a_price_of_no_product_is_refused(shop: OpenShop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such product") as error:
        shop.v1.prices.create({"product": "prod_none", "currency": "usd", "unit_amount": 100})
    assert (error.value.param, error.value.code, error.value.http_status) == ("product", "resource_missing", 400)


def test_a_product_keeps_the_id_it_was_given(shop: OpenShop) -> None:
    shop.v1.products.create({"id": "mine", "name": "Mine"})
    assert shop.v1.products.list({"ids": ["mine"]}).data[0].name == "Mine"
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        shop.v1.products.create({"id": "mine", "name": "Mine"})
