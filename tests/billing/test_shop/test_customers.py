"""Customers."""

import pytest
import stripe

from tests.billing.test_shop import journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_metadata_is_merged_and_an_empty_text_takes_away(shop: OpenShop) -> None:
    made = shop.v1.customers.create({"metadata": {"a": "1", "b": "2"}})
    changed = shop.v1.customers.update(made.id, {"metadata": {"b": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"a": "1", "c": "3"}
    assert shop.v1.customers.update(made.id, {"metadata": ""}).metadata.to_dict() == {}


def test_a_default_card_must_be_the_customers_own(shop: OpenShop, customer: str) -> None:
    stranger = shop.v1.customers.create({"email": "b@example.com"}).id
    method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": stranger}).id
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method}})


def test_an_update_says_what_it_was_before(shop: OpenShop, customer: str) -> None:
    shop.v1.customers.update(customer, {"email": "new@example.com"})
    shop.v1.customers.update(customer, {"email": "new@example.com"})
    (event,) = shop.events("customer.updated")
    assert event["data"]["previous_attributes"] == {"email": "ada@example.com"}


def test_deleting_ends_the_subscription_and_the_customer_stays_gone(
    shop: OpenShop, catalog: Catalog, customer: str
) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    assert shop.v1.customers.delete(customer).deleted
    assert shop.v1.customers.retrieve(customer).deleted
    assert shop.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert len(shop.events("customer.deleted", "customer.subscription.deleted")) == 2
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        shop.v1.customers.update(customer, {"name": "Ada"})


def test_a_deleted_customer_is_named_nowhere(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    shop.v1.customers.update(customer, {"name": "Ada Planted"})
    journeys.subscribe(shop, customer, catalog.basic)
    shop.v1.customers.delete(customer)
    with shop.shop.store.books() as books:
        tables = [row[0] for row in books.sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        told = [str(row) for table in tables for row in books.sql.execute(f"SELECT * FROM {table}")]
    assert not [row for row in told if "ada@example.com" in row or "Ada Planted" in row]
