"""Checkout sessions: what may be bought, until when, and what paying one makes."""

from typing import Any

import pytest
import stripe

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_a_paid_plan_is_told_in_order_and_refers_to_whoever_asked(
    shop: OpenShop, catalog: Catalog, customer: str
) -> None:
    words = {"client_reference_id": "order 7", "metadata": {"a": "b"}, "subscription_data": {"metadata": {"c": "d"}}}
    session = journeys.checkout(shop, customer, catalog.basic, "subscription", **words)
    assert (session.status, session.payment_status, session.url.startswith(shop.url)) == ("open", "unpaid", True)
    assert shop.pay(session.url).location == f"http://localhost:8000/done/?session={session.id}"
    done = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription", "invoice"]})
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert (done.client_reference_id, done.metadata.to_dict()) == ("order 7", {"a": "b"})
    assert done.subscription.metadata.to_dict() == {"c": "d"}
    assert done.invoice.billing_reason == "subscription_create"
    names = [event["type"] for event in shop.events()]
    wanted = ["customer.subscription.created", "invoice.paid", "checkout.session.completed"]
    assert [name for name in names if name in wanted] == wanted


def test_a_paid_pack_has_an_intent_and_the_invoice_that_was_asked_for(
    shop: OpenShop, catalog: Catalog, customer: str
) -> None:
    invoice = {"enabled": True, "invoice_data": {"description": "Credits", "metadata": {"a": "b"}}}
    words = {"invoice_creation": invoice, "payment_intent_data": {"metadata": {"c": "d"}}}
    session = journeys.checkout(shop, customer, catalog.pack, "payment", **words)
    shop.pay(session.url)
    done = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent", "invoice", "line_items"]})
    assert (done.payment_intent.status, done.payment_intent.metadata.to_dict()) == ("succeeded", {"c": "d"})
    assert (done.invoice.status, done.invoice.description, done.invoice.metadata.to_dict()) == (
        "paid",
        "Credits",
        {"a": "b"},
    )
    assert [(item.price.id, item.amount_total) for item in done.line_items.data] == [(catalog.pack, 1500)]
    assert shop.v1.customers.payment_methods.list(customer).data == []


def test_a_session_is_paid_once_however_often_its_form_is_sent(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    session = journeys.checkout(shop, customer, catalog.basic, "subscription")
    locations = {shop.pay(session.url).location for _ in range(3)}
    assert locations == {f"http://localhost:8000/done/?session={session.id}"}
    assert len(shop.v1.charges.list({"customer": customer}).data) == 1
    assert len(shop.v1.subscriptions.list({"customer": customer}).data) == 1


def test_a_session_expires_by_itself_and_by_command(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    left = journeys.checkout(shop, customer, catalog.basic, "subscription")
    shop.pay(left.url, counter.DECLINED)
    shop.advance(seconds=24 * 3600 + 1)
    assert shop.v1.checkout.sessions.retrieve(left.id).status == "expired"
    assert shop.pay(left.url).status == 404
    closed = journeys.checkout(shop, customer, catalog.basic, "subscription")
    assert shop.v1.checkout.sessions.expire(closed.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        shop.v1.checkout.sessions.expire(closed.id)
    assert len(shop.events("checkout.session.expired")) == 2
    assert [intent.status for intent in shop.v1.payment_intents.list({"customer": customer}).data] == ["canceled"]


@pytest.mark.parametrize(
    ("words", "param"),
    [
        ({"line_items": [{"price": "price_none"}]}, "line_items[0][price]"),
        ({"mode": "payment"}, "line_items[0][price]"),
        ({"mode": "setup"}, "mode"),
        ({"customer": "cus_none"}, "customer"),
        ({"success_url": ""}, "success_url"),
        ({"discounts": [{"coupon": "none"}]}, "discounts[0][coupon]"),
        ({"expires_at": 1}, "expires_at"),
        ({"payment_method_types": ["card"]}, "payment_method_types"),
    ],
)
def test_what_cannot_be_bought_is_refused_by_name(
    shop: OpenShop, catalog: Catalog, customer: str, words: dict[str, Any], param: str
) -> None:
    good = {"mode": "subscription", "line_items": [{"price": catalog.basic}], "success_url": "http://localhost/"}
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.checkout.sessions.create({"customer": customer, **good, **words})
    assert error.value.param == param


def test_a_withdrawn_price_cannot_be_bought(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    shop.v1.prices.update(catalog.basic, {"active": False})
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        journeys.checkout(shop, customer, catalog.basic, "subscription")
