"""A subscription that begins by the API: paid at once with the card that is there, or not begun."""

import pytest
import stripe

from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def begin(shop: OpenShop, customer: str, price: str, card: str = "") -> str:
    asked = {"customer": customer, "items": [{"price": price}], "payment_behavior": "error_if_incomplete"}
    if card:
        asked["default_payment_method"] = shop.v1.payment_methods.attach(card, {"customer": customer}).id
    return str(shop.v1.subscriptions.create(asked).id)


def test_it_is_active_and_paid_at_once(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    found = shop.v1.subscriptions.retrieve(begin(shop, customer, catalog.basic, "pm_card_visa"))
    assert found.status == "active"
    invoice = shop.v1.invoices.retrieve(found.latest_invoice)
    assert (invoice.status, invoice.amount_paid, invoice.billing_reason) == ("paid", 1000, "subscription_create")
    assert [event["type"] for event in shop.events("customer.subscription.created", "invoice.paid")] == [
        "customer.subscription.created",
        "invoice.paid",
    ]


def test_a_card_that_fails_begins_nothing(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    with pytest.raises(stripe.CardError):
        begin(shop, customer, catalog.basic, "pm_card_chargeCustomerFail")
    assert shop.v1.subscriptions.list({"customer": customer}).data == []


@pytest.mark.parametrize("what", ["no card", "no subscription price"])
def test_what_cannot_begin_is_refused(shop: OpenShop, catalog: Catalog, customer: str, what: str) -> None:
    price, card = (catalog.basic, "") if what == "no card" else (catalog.pack, "pm_card_visa")
    with pytest.raises(stripe.InvalidRequestError):
        begin(shop, customer, price, card)
