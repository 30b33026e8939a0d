"""What a test tells the shop: weather, disputes, and who may tell."""

import json
import urllib.request

import pytest
import stripe

from tests.billing.test_shop import counter, journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_without_the_key_nobody_controls_the_shop(shop: OpenShop) -> None:
    request = urllib.request.Request(f"{shop.url}/_control/weather", b'{"down": true}', method="POST")
    assert counter.open_url(request).status == 401
    assert shop.v1.customers.list().data == []


def test_the_shop_can_be_down_and_back(shop: OpenShop) -> None:
    shop.control("weather", down=True)
    with pytest.raises(stripe.APIError) as error:
        shop.v1.customers.create({"name": "Ada"})
    assert error.value.http_status == 503
    shop.control("weather")
    assert shop.v1.customers.list().data == []


def test_the_next_requests_can_be_limited_broken_or_lost(shop: OpenShop) -> None:
    shop.control("weather", limit_next=1)
    with pytest.raises(stripe.RateLimitError):
        shop.v1.customers.list()
    shop.control("weather", break_next=1)
    with pytest.raises(stripe.APIError):
        shop.v1.customers.create({"name": "broken"})
    shop.control("weather", lose_next=1)
    with pytest.raises(stripe.APIError):
        shop.v1.customers.create({"name": "lost"}, {"idempotency_key": "one"})
    assert [one.name for one in shop.v1.customers.list().data] == ["lost"]
    again = shop.v1.customers.create({"name": "lost"}, {"idempotency_key": "one"})
    assert again.last_response.headers["Idempotent-Replayed"] == "true"


def test_a_slow_shop_is_given_up_on(shop: OpenShop) -> None:
    shop.control("weather", delay_seconds=2)
    hurried = stripe.StripeClient(
        counter.KEY, base_addresses={"api": shop.url}, http_client=stripe.RequestsClient(timeout=0.2)
    )
    with pytest.raises(stripe.APIConnectionError):
        hurried.v1.customers.list()


def test_any_charge_can_be_disputed_and_the_dispute_be_closed(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    shop.pay(journeys.checkout(shop, customer, catalog.pack, "payment").url)
    charge = shop.v1.charges.list({"customer": customer}).data[0].id
    dispute = shop.control("dispute", charge=charge, reason="product_not_received")
    assert shop.v1.disputes.retrieve(dispute["id"]).reason == "product_not_received"
    assert shop.control("close", dispute=dispute["id"], verdict="won")["status"] == "won"


@pytest.mark.parametrize(("name", "body"), [("weather", {"rain": 1}), ("post", {"lose": 1}), ("tidy", {})])
def test_a_control_that_is_none_is_refused(shop: OpenShop, name: str, body: dict[str, int]) -> None:
    headers = {"Authorization": f"Bearer {counter.KEY}"}
    request = urllib.request.Request(f"{shop.url}/_control/{name}", json.dumps(body).encode(), headers, method="POST")
    assert counter.open_url(request).status in (400, 404)
