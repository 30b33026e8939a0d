"""Webhooks: signed, repeated until taken, and every mishap of the post."""

import json
import time
from collections.abc import Iterator

import pytest
import stripe

from billing.test_shop import deliveries
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import Inbox, OpenShop


@pytest.fixture
def inbox(shop: OpenShop) -> Iterator[Inbox]:
    with counter.open_inbox() as opened:
        shop.tell(opened.url)
        yield opened


def test_a_letter_is_signed_as_the_package_wants_it(shop: OpenShop, inbox: Inbox) -> None:
    customer = shop.v1.customers.create({"name": "Ada"})
    assert shop.control("deliver") == {"accepted": 1}
    body, signature = inbox.letters[0]
    event = stripe.Webhook.construct_event(body, signature, counter.HOOK_SECRET)
    assert (event.type, event.data.object.id) == ("customer.created", customer.id)
    for forged, secret in ((body + b" ", counter.HOOK_SECRET), (body, "whsec_other")):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(forged, signature, secret)
    old = deliveries.sign(body, counter.HOOK_SECRET, int(time.time()) - 301)
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        stripe.Webhook.construct_event(body, old, counter.HOOK_SECRET)


def test_a_letter_that_is_refused_is_sent_again_until_it_is_taken(shop: OpenShop, inbox: Inbox) -> None:
    inbox.refuse = 2
    shop.v1.customers.create({"name": "Ada"})
    event = shop.events()[0]["id"]
    assert shop.control("deliver") == {"accepted": 0}
    assert shop.control("deliver") == {"accepted": 0}  # not due yet
    assert inbox.refused == 1
    shop.control("deliver", ahead_seconds=10)
    assert shop.v1.events.retrieve(event).pending_webhooks == 1
    assert shop.control("deliver", ahead_seconds=100) == {"accepted": 1}
    assert shop.v1.events.retrieve(event).pending_webhooks == 0
    assert shop.control("deliver", ahead_seconds=1000) == {"accepted": 0}


def test_an_address_where_nobody_listens_is_given_up_at_last(shop: OpenShop) -> None:
    shop.tell("http://127.0.0.1:9/")
    shop.v1.customers.create({"name": "Ada"})
    for _ in range(len(deliveries.RETRY_SECONDS) + 2):
        shop.control("deliver", ahead_seconds=10**6)
    with shop.shop.store.books() as books:
        rows = books.sql.execute("SELECT state, attempts, answer FROM deliveries").fetchall()
    assert rows == [("failed", len(deliveries.RETRY_SECONDS) + 1, "URLError")]


def test_letters_can_be_held_repeated_shuffled_and_lost(shop: OpenShop, inbox: Inbox) -> None:
    shop.control("post", hold=True)
    for number in range(12):
        shop.v1.customers.create({"name": str(number)})
    shop.control("deliver")
    assert inbox.letters == []
    shop.control("post", repeat=2, shuffle=True)
    shop.control("deliver")
    names = [json.loads(body)["data"]["object"]["name"] for body, _ in inbox.letters]
    assert sorted(names) == sorted(str(number) for number in range(12) for _ in range(3))
    assert names[::3] != [str(number) for number in range(12)]
    shop.control("post", drop=1)
    shop.v1.customers.create({"name": "lost"})
    assert shop.control("deliver") == {"accepted": 0}
    shop.control("post")
    assert shop.control("deliver", ahead_seconds=10**6) == {"accepted": 0}


def test_an_endpoint_hears_what_it_asked_for_while_it_is_enabled(shop: OpenShop) -> None:
    with counter.open_inbox() as inbox:
        asked = {"url": inbox.url, "enabled_events": ["product.created"]}
        endpoint = shop.v1.webhook_endpoints.create(asked)
        assert endpoint.secret.startswith("whsec_")
        assert "secret" not in shop.v1.webhook_endpoints.retrieve(endpoint.id)
        shop.v1.customers.create({"name": "Ada"})
        shop.v1.products.create({"name": "Plan"})
        shop.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
        shop.v1.products.create({"name": "Another"})
        shop.control("deliver")
        assert inbox.names == ["product.created"]
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.webhook_endpoints.create({"url": inbox.url, "enabled_events": ["invoice.payed"]})


def test_a_courier_on_duty_delivers_by_itself_and_two_deliver_once(shop: OpenShop, inbox: Inbox) -> None:
    other = deliveries.Courier(shop.shop.store)
    for courier in (shop.shop.courier, other):
        courier.start()
    for number in range(10):
        shop.v1.customers.create({"name": str(number)})
        other.ring()
    assert counter.wait_for(lambda: len(inbox.letters) >= 10)
    for courier in (shop.shop.courier, other):
        courier.stop()
    assert sorted(json.loads(body)["data"]["object"]["name"] for body, _ in inbox.letters) == [
        str(n) for n in range(10)
    ]
