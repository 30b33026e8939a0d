"""The portal's page: cancel, resume, change the plan, change the card, see the invoices."""

from typing import Any

import pytest
import stripe

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


class Portal:
    """A customer's open portal."""

    def __init__(self, shop: OpenShop, customer: str, subscription: str, url: str) -> None:
        self.shop, self.customer, self.subscription, self.url = shop, customer, subscription, url

    def do(self, what: str, **form: str) -> counter.Answer:
        return self.shop.visit(self.url, do=what, subscription=self.subscription, **form)

    def state(self) -> Any:
        return self.shop.v1.subscriptions.retrieve(self.subscription, {"expand": ["schedule"]})


@pytest.fixture
def portal(shop: OpenShop, catalog: Catalog, customer: str) -> Portal:
    return open_portal(shop, catalog, customer)


def open_portal(shop: OpenShop, catalog: Catalog, customer: str, card: str = counter.VISA) -> Portal:
    prices = [catalog.basic, catalog.pro, catalog.pro_year]
    update = {
        "enabled": True,
        "default_allowed_updates": ["price"],
        "products": [{"product": catalog.product, "prices": prices}],
        "proration_behavior": "always_invoice",
        "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}, {"type": "shortening_interval"}]},
    }
    on = {"enabled": True}
    features = {"invoice_history": on, "payment_method_update": on, "subscription_cancel": on}
    shop.v1.billing_portal.configurations.create({"features": {**features, "subscription_update": update}})
    subscription = journeys.subscribe(shop, customer, catalog.pro, card).id
    words = {"customer": customer, "return_url": "http://localhost:8000/settings/billing/"}
    return Portal(shop, customer, subscription, shop.v1.billing_portal.sessions.create(words).url)


def test_the_page_shows_plan_card_invoices_and_the_way_back(portal: Portal) -> None:
    page = portal.shop.visit(portal.url)
    assert page.status == 200
    for text in ("Plan, $30.00 each month", "Visa ending in 4242", "-0001", "http://localhost:8000/settings/billing/"):
        assert text in page.text


def test_cancel_and_resume(portal: Portal) -> None:
    assert portal.do("cancel").status == 303
    assert portal.state().cancel_at_period_end
    assert "Resume" in portal.shop.visit(portal.url).text
    portal.do("resume")
    assert not portal.state().cancel_at_period_end


def test_under_flexible_billing_a_cancel_sets_the_moment_alone(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    shop.control("mode", flexible=True)
    portal = open_portal(shop, catalog, customer)
    portal.do("cancel")
    state = portal.state()
    assert (state.billing_mode.type, state.cancel_at_period_end, state.cancel_at is None) == ("flexible", False, False)
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        shop.v1.subscriptions.update(portal.subscription, {"cancel_at": "", "cancel_at_period_end": False})
    assert shop.v1.subscriptions.update(portal.subscription, {"cancel_at": ""}).cancel_at is None
    portal.do("cancel")
    shop.advance(days=32)
    assert portal.state().status == "canceled"


def test_a_dearer_plan_comes_at_once(portal: Portal, catalog: Catalog) -> None:
    portal.do("change", price=catalog.pro_year)
    assert portal.state()["items"].data[0].price.id == catalog.pro_year


def test_a_cheaper_plan_waits_and_can_be_taken_back(portal: Portal, catalog: Catalog) -> None:
    portal.do("change", price=catalog.basic)
    state = portal.state()
    assert state["items"].data[0].price.id == catalog.pro
    assert state.schedule.phases[1]["items"][0].price == catalog.basic
    assert "Keep the plan" in portal.shop.visit(portal.url).text
    portal.do("keep")
    assert portal.state().schedule is None


def test_an_upgrade_that_is_declined_is_said_and_undone(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    portal = open_portal(shop, catalog, customer, counter.FAILS_LATER)
    answer = portal.do("change", price=catalog.pro_year)
    assert (answer.status, answer.problem) == (402, "Your card was declined.")
    assert portal.state()["items"].data[0].price.id == catalog.pro


def test_a_new_card_is_used_from_now_on_and_a_bad_one_is_not_taken(portal: Portal) -> None:
    assert portal.shop.pay(portal.url, counter.DECLINED, do="card").problem == "Your card was declined."
    portal.shop.pay(portal.url, "5555 5555 5555 4444", do="card")
    assert "Mastercard ending in 4444" in portal.shop.visit(portal.url).text
    method = portal.shop.v1.customers.retrieve(portal.customer).invoice_settings.default_payment_method
    assert portal.state().default_payment_method == method


def test_nobody_changes_the_plan_of_another(portal: Portal, shop: OpenShop, catalog: Catalog) -> None:
    stranger = shop.v1.customers.create({"email": "b@example.com"}).id
    url = shop.v1.billing_portal.sessions.create({"customer": stranger}).url
    answer = shop.visit(url, do="cancel", subscription=portal.subscription)
    assert answer.problem == "This is not your subscription."
    assert not portal.state().cancel_at_period_end


def test_what_is_not_offered_cannot_be_done(portal: Portal, shop: OpenShop, catalog: Catalog) -> None:
    assert portal.do("change", price=catalog.pack).problem == "This plan is not offered here."
    words = {"features": {"subscription_cancel": {"enabled": False}}}
    shop.v1.billing_portal.configurations.update(shop.v1.billing_portal.configurations.list().data[0].id, words)
    assert portal.do("cancel").problem == "This cannot be changed here."


def test_a_link_lasts_an_hour(portal: Portal) -> None:
    portal.shop.advance(seconds=3601)
    assert portal.shop.visit(portal.url).status == 404
    assert portal.do("cancel").status == 404
    assert not portal.state().cancel_at_period_end
