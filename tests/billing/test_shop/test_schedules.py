"""Changes that wait for the end of the period."""

import pytest
import stripe

from tests.billing.test_shop import journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_a_schedule_keeps_others_from_changing_the_subscription(
    shop: OpenShop, catalog: Catalog, customer: str
) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    schedule = shop.v1.subscription_schedules.create({"from_subscription": subscription.id})
    item = {"id": subscription["items"].data[0].id, "price": catalog.pro}
    for words in ({"cancel_at_period_end": True}, {"items": [item], "proration_behavior": "always_invoice"}):
        with pytest.raises(stripe.InvalidRequestError, match="managed by"):
            shop.v1.subscriptions.update(subscription.id, words)
    with pytest.raises(stripe.InvalidRequestError, match="already attached"):
        shop.v1.subscription_schedules.create({"from_subscription": subscription.id})
    shop.v1.subscription_schedules.release(schedule.id)
    assert shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True}).cancel_at_period_end


def test_phases_follow_each_other(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    schedule = shop.v1.subscription_schedules.create({"from_subscription": subscription.id})
    end = schedule.phases[0].end_date
    items = [{"price": catalog.basic}]
    for phases, param in (
        ([{"items": items}, {"items": items}], "phases[0][end_date]"),
        ([{"items": items, "end_date": end}, {"items": items, "start_date": end + 9}], "phases[1][start_date]"),
        ([{"items": items, "start_date": 5, "end_date": end}], "phases[0][start_date]"),
        ([{"items": [{"price": "price_none"}], "end_date": end}], "phases[0][items][0][price]"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as error:
            shop.v1.subscription_schedules.update(schedule.id, {"phases": phases})
        assert error.value.param == param


def test_a_released_schedule_is_over(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    schedule = shop.v1.subscription_schedules.create({"from_subscription": subscription.id})
    released = shop.v1.subscription_schedules.release(schedule.id)
    assert (released.status, released.released_subscription) == ("released", subscription.id)
    with pytest.raises(stripe.InvalidRequestError, match="released"):
        shop.v1.subscription_schedules.release(schedule.id)
    assert shop.v1.subscriptions.retrieve(subscription.id).schedule is None
