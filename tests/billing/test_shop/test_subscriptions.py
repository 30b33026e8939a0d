"""Subscriptions: how they stand, end and are listed."""

import pytest
import stripe

from tests.billing.test_shop import journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_a_subscription_ends_at_once_and_stays_ended(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    ended = shop.v1.subscriptions.cancel(subscription.id)
    assert ended.status == "canceled"
    assert ended.ended_at is not None
    assert ended.cancellation_details.reason == "cancellation_requested"
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    shop.advance(days=100)
    assert len(shop.v1.invoices.list({"customer": customer}).data) == 1


def test_ending_a_subscription_ends_its_schedule(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    schedule = shop.v1.subscription_schedules.create({"from_subscription": subscription.id})
    shop.v1.subscriptions.cancel(subscription.id)
    assert shop.v1.subscription_schedules.retrieve(schedule.id).status == "canceled"


def test_lists_leave_the_ended_out_unless_asked(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    ended, running = (journeys.subscribe(shop, customer, catalog.basic).id for _ in range(2))
    shop.v1.subscriptions.cancel(ended)

    def listed(**asked: str) -> set[str]:
        return {one.id for one in shop.v1.subscriptions.list({"customer": customer, **asked}).data}

    assert listed() == {running}
    assert listed(status="all") == {ended, running}
    assert listed(status="ended") == listed(status="canceled") == {ended}
    assert listed(price=catalog.pro) == set()
