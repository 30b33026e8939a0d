"""The portal's configurations and sessions."""

import pytest
import stripe

from tests.billing.test_shop import journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_there_is_no_portal_before_its_first_configuration(shop: OpenShop, customer: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="default configuration"):
        shop.v1.billing_portal.sessions.create({"customer": customer})
    shop.v1.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    assert shop.v1.billing_portal.sessions.create({"customer": customer}).url.startswith(f"{shop.url}/portal/")


def test_features_are_changed_one_by_one(shop: OpenShop) -> None:
    configurations = shop.v1.billing_portal.configurations
    made = configurations.create({"features": {"invoice_history": {"enabled": True}}})
    changed = configurations.update(made.id, {"features": {"payment_method_update": {"enabled": True}}})
    assert changed.features.invoice_history.enabled
    assert changed.features.payment_method_update.enabled
    assert not changed.features.subscription_cancel.enabled


def test_a_flow_needs_the_subscription_it_is_about(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    shop.v1.billing_portal.configurations.create({"features": {"subscription_cancel": {"enabled": True}}})
    words = {"customer": customer, "flow_data": {"type": "subscription_cancel"}}
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.billing_portal.sessions.create(words)
    assert error.value.param == "flow_data[subscription_cancel]"
    subscription = journeys.subscribe(shop, customer, catalog.basic).id
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": subscription}}
    session = shop.v1.billing_portal.sessions.create({"customer": customer, "flow_data": flow})
    assert session.flow.subscription_cancel.subscription == subscription


def test_a_plan_that_does_not_exist_cannot_be_offered(shop: OpenShop) -> None:
    update = {"enabled": True, "products": [{"product": "prod_x", "prices": ["price_none"]}]}
    with pytest.raises(stripe.InvalidRequestError, match="No such price"):
        shop.v1.billing_portal.configurations.create({"features": {"subscription_update": update}})
