"""Invoices: lines, tax, balance, and the way from open to paid or void."""

import pytest
import stripe

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_numbers_follow_each_other_for_each_customer(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    journeys.subscribe(shop, customer, catalog.basic)
    shop.advance(days=32)
    numbers = [invoice.number for invoice in shop.v1.invoices.list({"customer": customer}).data]
    assert [number.rsplit("-", 1)[1] for number in numbers] == ["0002", "0001"]
    assert len({number.rsplit("-", 1)[0] for number in numbers}) == 1


def test_automatic_tax_comes_on_top(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="valid address"):
        journeys.checkout(shop, customer, catalog.basic, "subscription", automatic_tax={"enabled": True})
    words = {"automatic_tax": {"enabled": True}, "customer_update": {"address": "auto"}}
    session = journeys.checkout(shop, customer, catalog.basic, "subscription", **words)
    shop.pay(session.url, country="DE", postal_code="10115")
    invoice = shop.v1.invoices.list({"customer": customer}).data[0]
    assert (invoice.subtotal, invoice.total_excluding_tax, invoice.total) == (1000, 1000, 1100)
    assert invoice.total_taxes[0].amount == 100
    assert shop.v1.checkout.sessions.retrieve(session.id).total_details.amount_tax == 100
    assert shop.v1.customers.retrieve(customer).address.country == "DE"


def test_a_balance_in_favour_of_the_customer_pays_first(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    shop.v1.customers.update(customer, {"balance": -1300})
    journeys.subscribe(shop, customer, catalog.basic)
    shop.advance(days=32)
    second, first = shop.v1.invoices.list({"customer": customer}).data
    assert [(one.total, one.amount_due, one.ending_balance) for one in (first, second)] == [
        (1000, 0, -300),
        (1000, 700, 0),
    ]
    assert shop.v1.customers.retrieve(customer).balance == 0


def test_an_invoice_says_which_intent_pays_it_and_which_it_was(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    invoice = shop.v1.invoices.retrieve(subscription.latest_invoice, {"expand": ["payments"]})
    (payment,) = invoice.payments.data
    intent = payment.payment.payment_intent
    assert (payment.status, payment.amount_paid) == ("paid", 1000)
    found = shop.v1.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": intent}}).data
    assert [one.invoice for one in found] == [invoice.id]
    assert invoice.parent.subscription_details.subscription == subscription.id


def test_an_open_invoice_can_be_taken_back_a_paid_one_not(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic, counter.FAILS_LATER)
    with pytest.raises(stripe.InvalidRequestError, match="only void open"):
        shop.v1.invoices.void_invoice(subscription.latest_invoice)
    shop.advance(days=32)
    invoice = shop.v1.invoices.list({"customer": customer, "status": "open"}).data[0]
    assert shop.v1.invoices.void_invoice(invoice.id).status == "void"
    intents = shop.v1.payment_intents.list({"customer": customer}).data
    assert [intent.status for intent in intents] == ["canceled", "succeeded"]
