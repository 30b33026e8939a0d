"""Another price for a running subscription: what it costs, and what an unpaid change does."""

from typing import Any

import pytest
import stripe

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog

_DAY = 86400


def change(shop: OpenShop, subscription: Any, price: str, pays: str = "error_if_incomplete") -> Any:
    item = {"id": subscription["items"].data[0].id, "price": price}
    words = {"items": [item], "proration_behavior": "always_invoice", "payment_behavior": pays}
    return shop.v1.subscriptions.update(subscription.id, {**words, "expand": ["latest_invoice"]})


def start(shop: OpenShop, catalog: Catalog, price: str = "", card: str = counter.VISA) -> Any:
    """Subscribe on 1 April 2027, a month of 30 days, by a test clock; time is at day 10 of it."""
    clocks = shop.v1.test_helpers.test_clocks
    clock = clocks.create({"frozen_time": 1_806_537_600})
    customer = shop.v1.customers.create({"email": "ada@example.com", "test_clock": clock.id}).id
    subscription = journeys.subscribe(shop, customer, price or catalog.basic, card)
    clocks.advance(clock.id, {"frozen_time": 1_806_537_600 + 10 * _DAY})
    return subscription


def lines(invoice: Any) -> list[int]:
    return [line.amount for line in invoice.lines.data]


def test_an_upgrade_costs_the_difference_for_the_days_left(shop: OpenShop, catalog: Catalog) -> None:
    changed = change(shop, start(shop, catalog), catalog.pro)
    assert lines(changed.latest_invoice) == [-667, 2000]
    assert changed.latest_invoice.amount_paid == 1333


def test_a_second_upgrade_in_the_month_gives_back_what_the_first_was_billed(shop: OpenShop, catalog: Catalog) -> None:
    subscription = start(shop, catalog)
    change(shop, subscription, catalog.pro)
    changed = change(shop, subscription, catalog.pro_year)
    assert lines(changed.latest_invoice) == [-2000, 30000]
    assert changed.billing_cycle_anchor == changed["items"].data[0].current_period_start


def test_a_downgrade_at_once_leaves_a_balance(shop: OpenShop, catalog: Catalog) -> None:
    changed = change(shop, start(shop, catalog, catalog.pro), catalog.basic)
    assert lines(changed.latest_invoice) == [-2000, 667]
    assert (changed.latest_invoice.status, changed.latest_invoice.amount_due) == ("paid", 0)
    assert shop.v1.customers.retrieve(changed.customer).balance == -1333


def test_what_was_discounted_is_given_back_as_it_was_paid(shop: OpenShop, catalog: Catalog) -> None:
    coupon = shop.v1.coupons.create({"percent_off": 50, "duration": "once"}).id
    clocks = shop.v1.test_helpers.test_clocks
    clock = clocks.create({"frozen_time": 1_806_537_600})
    customer = shop.v1.customers.create({"email": "ada@example.com", "test_clock": clock.id}).id
    subscription = journeys.subscribe(shop, customer, catalog.basic, discounts=[{"coupon": coupon}])
    clocks.advance(clock.id, {"frozen_time": 1_806_537_600 + 15 * _DAY})
    assert lines(change(shop, subscription, catalog.pro).latest_invoice) == [-250, 1500]


def test_a_preview_costs_what_the_change_will(shop: OpenShop, catalog: Catalog) -> None:
    subscription = start(shop, catalog)
    item = {"id": subscription["items"].data[0].id, "price": catalog.pro}
    details = {"items": [item], "proration_behavior": "always_invoice"}
    preview = shop.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": details})
    assert (preview.amount_due, preview.status) == (1333, "draft")
    assert len(shop.v1.invoices.list({"subscription": subscription.id}).data) == 1


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (counter.FAILS_LATER, "card_declined"),
        (counter.ALWAYS_ASKS, "subscription_payment_intent_requires_action"),
    ],
)
def test_error_if_incomplete_leaves_no_trace(shop: OpenShop, catalog: Catalog, card: str, code: str) -> None:
    subscription = start(shop, catalog, card=card)
    with pytest.raises(stripe.CardError) as error:
        change(shop, subscription, catalog.pro)
    assert error.value.code == code
    assert shop.v1.subscriptions.retrieve(subscription.id)["items"].data[0].price.id == catalog.basic
    assert len(shop.v1.invoices.list({"subscription": subscription.id}).data) == 1


def test_allow_incomplete_changes_and_falls_past_due(shop: OpenShop, catalog: Catalog) -> None:
    subscription = start(shop, catalog, card=counter.FAILS_LATER)
    changed = change(shop, subscription, catalog.pro, "allow_incomplete")
    assert (changed.status, changed["items"].data[0].price.id) == ("past_due", catalog.pro)
    assert changed.latest_invoice.status == "open"


def test_a_pending_change_is_replaced_by_the_next(shop: OpenShop, catalog: Catalog) -> None:
    subscription = start(shop, catalog, card=counter.ALWAYS_ASKS)
    first = change(shop, subscription, catalog.pro, "pending_if_incomplete")
    second = change(shop, subscription, catalog.pro_year, "pending_if_incomplete")
    assert shop.v1.invoices.retrieve(first.latest_invoice.id).status == "void"
    assert second.pending_update.subscription_items[0].price.id == catalog.pro_year


@pytest.mark.parametrize(
    ("words", "param"),
    [
        ({"items": [{"id": "{item}", "price": "{pro}"}]}, "proration_behavior"),
        ({"items": [{"id": "si_none", "price": "{pro}"}], "proration_behavior": "none"}, "items[0][id]"),
        ({"items": [{"id": "{item}", "price": "{pack}"}], "proration_behavior": "none"}, "items[0][price]"),
        ({"metadata": {"a": "b"}, "payment_behavior": "pending_if_incomplete"}, "metadata"),
        ({"default_payment_method": "pm_none"}, "default_payment_method"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    shop: OpenShop, catalog: Catalog, words: dict[str, Any], param: str
) -> None:
    subscription = start(shop, catalog)
    places = {"item": subscription["items"].data[0].id, "pro": catalog.pro, "pack": catalog.pack}
    filled = {
        key: [{name: text.format(**places) for name, text in one.items()} for one in value] if key == "items" else value
        for key, value in words.items()
    }
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.subscriptions.update(subscription.id, filled)
    assert error.value.param == param
