"""Getting an invoice paid: retries, recovery, and the end of patience."""

import pytest
import stripe

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def fall_behind(shop: OpenShop, catalog: Catalog, customer: str, card: str = counter.FAILS_LATER) -> tuple[str, str]:
    """Subscribe with a card that fails to renew, and let it. Returns the subscription's and the invoice's id."""
    subscription = journeys.subscribe(shop, customer, catalog.basic, card)
    shop.advance(days=31)
    return subscription.id, shop.v1.invoices.list({"customer": customer, "status": "open"}).data[0].id


def test_a_renewal_that_fails_leaves_the_plan_past_due_and_is_tried_again(
    shop: OpenShop, catalog: Catalog, customer: str
) -> None:
    subscription, invoice = fall_behind(shop, catalog, customer)
    assert shop.v1.subscriptions.retrieve(subscription).status == "past_due"
    assert shop.v1.customers.retrieve(customer).delinquent
    found = shop.v1.invoices.retrieve(invoice)
    assert (found.status, found.attempt_count) == ("open", 1)
    shop.advance(seconds=found.next_payment_attempt - found.created)
    assert shop.v1.invoices.retrieve(invoice).attempt_count == 2
    assert len(shop.events("invoice.payment_failed")) == 2


def test_paying_late_brings_the_plan_back(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription, invoice = fall_behind(shop, catalog, customer)
    page = shop.v1.invoices.retrieve(invoice).hosted_invoice_url
    assert shop.pay(page, counter.DECLINED).problem == "Your card was declined."
    assert shop.pay(page).status == 303
    assert shop.v1.invoices.retrieve(invoice).status == "paid"
    assert shop.v1.subscriptions.retrieve(subscription).status == "active"
    assert not shop.v1.customers.retrieve(customer).delinquent
    shop.advance(days=31)
    assert [one.status for one in shop.v1.invoices.list({"customer": customer}).data] == ["paid"] * 3


def test_a_new_card_at_the_portal_pays_at_the_next_try(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription, invoice = fall_behind(shop, catalog, customer)
    features = {"payment_method_update": {"enabled": True}}
    shop.v1.billing_portal.configurations.create({"features": features})
    portal = shop.v1.billing_portal.sessions.create({"customer": customer})
    assert shop.pay(portal.url, do="card").status == 303
    shop.advance(days=4)
    assert shop.v1.invoices.retrieve(invoice).status == "paid"
    assert shop.v1.subscriptions.retrieve(subscription).status == "active"


def test_after_the_last_try_the_subscription_ends(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription, invoice = fall_behind(shop, catalog, customer)
    shop.advance(days=16)
    ended = shop.v1.subscriptions.retrieve(subscription)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")
    found = shop.v1.invoices.retrieve(invoice)
    assert (found.status, found.attempt_count, found.next_payment_attempt) == ("open", 4, None)


def test_a_renewal_that_the_bank_asks_about_waits_for_its_holder(
    shop: OpenShop, catalog: Catalog, customer: str
) -> None:
    subscription, invoice = fall_behind(shop, catalog, customer, counter.ALWAYS_ASKS)
    assert shop.events("invoice.payment_action_required")
    question = shop.pay(shop.v1.invoices.retrieve(invoice).hosted_invoice_url, counter.ALWAYS_ASKS).location
    shop.visit(question, do="yes")
    assert shop.v1.subscriptions.retrieve(subscription).status == "active"


def test_an_invoice_is_paid_through_the_api_once(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    _, invoice = fall_behind(shop, catalog, customer)
    with pytest.raises(stripe.CardError):
        shop.v1.invoices.pay(invoice)
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    assert shop.v1.invoices.pay(invoice, {"payment_method": method}).status == "paid"
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        shop.v1.invoices.pay(invoice, {"payment_method": method})


def test_without_a_card_an_invoice_stays_open(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    shop.v1.payment_methods.detach(subscription.default_payment_method)
    shop.advance(days=31)
    invoice = shop.v1.invoices.list({"customer": customer, "status": "open"}).data[0]
    with pytest.raises(stripe.InvalidRequestError, match="no active card"):
        shop.v1.invoices.pay(invoice.id)
