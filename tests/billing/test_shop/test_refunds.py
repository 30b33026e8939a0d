"""Refunds."""

from typing import Any

import pytest
import stripe

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def buy(shop: OpenShop, catalog: Catalog, customer: str, card: str = counter.VISA) -> Any:
    shop.pay(journeys.checkout(shop, customer, catalog.pack, "payment").url, card)
    return shop.v1.charges.list({"customer": customer}).data[0]


def test_money_goes_back_in_parts_until_nothing_is_left(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    charge = buy(shop, catalog, customer)
    shop.v1.refunds.create({"charge": charge.id, "amount": 400})
    partly = shop.v1.charges.retrieve(charge.id)
    assert (partly.amount_refunded, partly.refunded) == (400, False)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        shop.v1.refunds.create({"charge": charge.id, "amount": 1101})
    shop.v1.refunds.create({"payment_intent": charge.payment_intent})
    whole = shop.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (whole.amount_refunded, whole.refunded) == (1500, True)
    assert [refund.amount for refund in whole.refunds.data] == [1100, 400]
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.refunds.create({"charge": charge.id})
    assert error.value.code == "charge_already_refunded"
    assert len(shop.events("charge.refunded")) == len(shop.events("refund.created")) == 2


def test_what_was_not_paid_or_is_disputed_cannot_be_refunded(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    failed = buy(shop, catalog, customer, counter.DECLINED)
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.refunds.create({"charge": failed.id})
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.refunds.create({"payment_intent": failed.payment_intent})
    disputed = buy(shop, catalog, customer, counter.DISPUTED)
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.refunds.create({"charge": disputed.id})
    assert error.value.code == "charge_disputed"


def test_a_refund_is_of_one_thing(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    charge = buy(shop, catalog, customer)
    for words in ({}, {"charge": charge.id, "payment_intent": charge.payment_intent}):
        with pytest.raises(stripe.InvalidRequestError, match="One of the following"):
            shop.v1.refunds.create(words)
