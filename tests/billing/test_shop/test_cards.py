"""Test cards, and payment methods made of them."""

import pytest
import stripe

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop, told
from tests.billing.test_shop.journeys import Catalog


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"number": "4242 4242 4242 4241"}, "Your card number is invalid."),
        ({"number": "four"}, "Your card number is invalid."),
        ({"number": "4111 1111 1111 1111"}, "Your card was declined. This is a test shop: use a test card."),
        ({"expiry": "01 / 20"}, "Your card&#x27;s expiration date is in the past."),
        ({"expiry": "13 / 40"}, "Your card&#x27;s expiration date is invalid."),
        ({"cvc": "12"}, "Your card&#x27;s security code is invalid."),
        ({"number": "4000 0000 0000 9995"}, "Your card has insufficient funds."),
        ({"number": "4000 0000 0000 0069"}, "Your card has expired."),
        ({"number": "4000 0000 0000 0127"}, "Your card&#x27;s security code is incorrect."),
    ],
)
def test_what_is_wrong_with_a_card_is_said(
    shop: OpenShop, catalog: Catalog, customer: str, form: dict[str, str], problem: str
) -> None:
    session = journeys.checkout(shop, customer, catalog.pack, "payment")
    answer = shop.pay(session.url, **form)
    assert (answer.status, answer.problem) == (402, problem)
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_one_card_has_one_fingerprint_whoever_uses_it(shop: OpenShop, customer: str) -> None:
    stranger = shop.v1.customers.create({"email": "b@example.com"}).id
    mine, theirs = (shop.v1.payment_methods.attach("pm_card_visa", {"customer": who}) for who in (customer, stranger))
    other = shop.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer})
    assert mine.id != theirs.id
    assert mine.card.fingerprint == theirs.card.fingerprint
    assert other.card.fingerprint != mine.card.fingerprint


def test_a_card_belongs_to_one_customer(shop: OpenShop, customer: str) -> None:
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    stranger = shop.v1.customers.create({"email": "b@example.com"}).id
    with pytest.raises(stripe.InvalidRequestError, match="already attached"):
        shop.v1.payment_methods.attach(method.id, {"customer": stranger})
    shop.v1.payment_methods.detach(method.id)
    assert shop.v1.customers.payment_methods.list(customer).data == []


def test_a_real_number_is_not_taken(shop: OpenShop) -> None:
    with pytest.raises(stripe.CardError) as error:
        shop.v1.payment_methods.create({"type": "card", "card": {"number": "4111111111111111"}})
    assert told(error).decline_code == "live_mode_test_card"


def test_a_card_that_was_confirmed_once_pays_alone_later(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic, counter.ASKS)
    shop.advance(days=32)
    assert shop.v1.subscriptions.retrieve(subscription.id).status == "active"
    assert [invoice.status for invoice in shop.v1.invoices.list({"customer": customer}).data] == ["paid", "paid"]
