"""Time: test clocks and the shop's own."""

import pytest
import stripe

from tests.billing.test_shop import journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_a_test_clock_moves_its_own_customers_alone(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    clocks = shop.v1.test_helpers.test_clocks
    clock = clocks.create({"frozen_time": 1_800_000_000})
    mine = shop.v1.customers.create({"email": "b@example.com", "test_clock": clock.id})
    assert mine.created == 1_800_000_000
    journeys.subscribe(shop, mine.id, catalog.basic)
    journeys.subscribe(shop, customer, catalog.basic)
    assert clocks.advance(clock.id, {"frozen_time": 1_800_000_000 + 40 * 86400}).status == "advancing"
    assert clocks.retrieve(clock.id).status == "ready"
    assert len(shop.v1.invoices.list({"customer": mine.id}).data) == 2
    assert len(shop.v1.invoices.list({"customer": customer}).data) == 1
    shop.advance(days=40)
    assert len(shop.v1.invoices.list({"customer": mine.id}).data) == 2
    assert len(shop.v1.invoices.list({"customer": customer}).data) == 2


def test_time_does_not_go_back(shop: OpenShop) -> None:
    clock = shop.v1.test_helpers.test_clocks.create({"frozen_time": 1_800_000_000})
    with pytest.raises(stripe.InvalidRequestError, match="forward"):
        shop.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": 1_700_000_000})
    with pytest.raises(AssertionError, match="forward"):
        shop.advance(days=-1)


def test_what_falls_into_a_jump_happens_in_its_order_at_its_time(
    shop: OpenShop, catalog: Catalog, customer: str
) -> None:
    session = journeys.checkout(shop, customer, catalog.pack, "payment")
    first = journeys.subscribe(shop, customer, catalog.basic)
    shop.advance(days=5)
    second = journeys.subscribe(shop, customer, catalog.pro)
    shop.advance(days=65)
    cycles = [
        event
        for event in shop.events("invoice.paid")
        if event["data"]["object"]["billing_reason"] == "subscription_cycle"
    ]
    owners = [event["data"]["object"]["parent"]["subscription_details"]["subscription"] for event in cycles]
    assert owners == [first.id, second.id, first.id, second.id]
    times = [event["created"] for event in shop.events("invoice.paid", "checkout.session.expired")]
    assert times == sorted(times)
    assert shop.events("checkout.session.expired")[0]["created"] == session.expires_at


def test_deleting_a_clock_takes_its_customers_along(shop: OpenShop, catalog: Catalog) -> None:
    clock = shop.v1.test_helpers.test_clocks.create({"frozen_time": 1_800_000_000})
    mine = shop.v1.customers.create({"email": "b@example.com", "test_clock": clock.id}).id
    journeys.subscribe(shop, mine, catalog.basic)
    assert shop.v1.test_helpers.test_clocks.delete(clock.id).deleted
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        shop.v1.customers.retrieve(mine)
    assert shop.v1.subscriptions.list({"status": "all"}).data == []
