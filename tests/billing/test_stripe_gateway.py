"""The connection: whose webhooks are believed, which shop is called, and how errors are told."""

import json
import time
from datetime import UTC, datetime

import pytest
import stripe
from django.conf import LazySettings

from billing import stripe_gateway
from billing.errors import BadSignature, ShopUnavailable
from billing.test_shop import documents, mount
from billing.test_shop.deliveries import sign
from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "invoice.paid",
    "created": 1_800_000_000,
    "api_version": documents.API_VERSION,
    "data": {"object": {"id": "in_1", "object": "invoice", "customer": "cus_1"}},
}
BODY = json.dumps(EVENT).encode()


@pytest.fixture
def secrets(settings: LazySettings) -> list[str]:
    in_use = ["whsec_new", "whsec_old"]
    settings.STRIPE_WEBHOOK_SECRETS = in_use
    return in_use


def test_the_gateway_is_pinned_to_the_version_of_the_installed_package() -> None:
    assert stripe.api_version == stripe_gateway.API_VERSION == documents.API_VERSION


@pytest.mark.parametrize("secret", ["whsec_new", "whsec_old"])
def test_an_event_signed_with_any_secret_in_use_is_believed(secrets: list[str], secret: str) -> None:
    event = stripe_gateway.verify_event(BODY, sign(BODY, secret, int(time.time())))
    assert (event.id, event.type, event.object_type, event.object_id) == ("evt_1", "invoice.paid", "invoice", "in_1")
    assert (event.customer_id, event.created_at) == ("cus_1", datetime.fromtimestamp(1_800_000_000, UTC))
    assert event.payload["data"] == EVENT["data"]


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (BODY, "none"),
        (BODY, ""),
        (BODY, "t=,v1="),
        (BODY, sign(BODY, "whsec_other", int(time.time()))),
        (BODY, sign(BODY, "whsec_new", int(time.time()) - 400)),
        (BODY + b" ", sign(BODY, "whsec_new", int(time.time()))),
        (b"no json", sign(b"no json", "whsec_new", int(time.time()))),
        (b'{"id": "evt_1", "object": "event"}', None),
        (b"\xff\xfe", sign(b"\xff\xfe", "whsec_new", int(time.time()))),
        (b"[]", None),
    ],
    ids=["none", "empty", "unreadable", "forged", "old", "changed", "no json", "half an event", "no text", "a list"],
)
def test_what_is_forged_old_or_no_event_is_refused(secrets: list[str], body: bytes, signature: str | None) -> None:
    with pytest.raises(BadSignature):
        stripe_gateway.verify_event(body, sign(body, "whsec_new", int(time.time())) if signature is None else signature)


def test_without_a_secret_nothing_is_believed(settings: LazySettings) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = []
    with pytest.raises(BadSignature):
        stripe_gateway.verify_event(BODY, sign(BODY, "", int(time.time())))


def test_a_letter_of_the_shop_is_believed(gateway_shop: OpenShop) -> None:
    with counter.open_inbox() as inbox:
        gateway_shop.tell(inbox.url)
        customer = gateway_shop.v1.customers.create({"email": "ada@example.com"}).id
        gateway_shop.control("deliver")
    event = stripe_gateway.verify_event(*inbox.letters[0])
    assert (event.type, event.object_id, event.customer_id) == ("customer.created", customer, customer)


@pytest.mark.parametrize("base", ["http://127.0.0.1:9", "http://127.0.0.1:9/somewhere"])
def test_a_shop_that_does_not_answer_is_unavailable(settings: LazySettings, base: str) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = counter.KEY, base
    with pytest.raises(ShopUnavailable), stripe_gateway.translated():
        stripe_gateway.v1().customers.list()


def test_a_wrong_key_is_unavailable_too(gateway_shop: OpenShop, settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_wrong_key"
    with pytest.raises(ShopUnavailable), stripe_gateway.translated():
        stripe_gateway.v1().customers.list()


def test_the_embedded_shop_is_reached_without_a_network(embedded: None) -> None:
    assert stripe_gateway.is_open()
    made = stripe_gateway.v1().customers.create({"email": "ada@example.com"})
    assert [one.id for one in stripe_gateway.v1().customers.list().auto_paging_iter()] == [made.id]
    with mount.embedded_shop().store.books() as books:
        assert books.customer(made.id)["email"] == "ada@example.com"
    with pytest.raises(stripe.InvalidRequestError) as error:
        stripe_gateway.v1().customers.retrieve("cus_none")
    assert error.value.request_id.startswith("req_")  # type: ignore[union-attr]
