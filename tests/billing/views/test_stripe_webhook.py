"""The shop's letters: signed ones are kept once and answered at once, others are refused without a word."""

import json
import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from django_q.models import OrmQ

from billing.models import StripeEvent
from billing.test_shop.deliveries import sign
from billing.views.stripe_webhook import MAX_BYTES

pytestmark = pytest.mark.django_db

SECRET = "whsec_one"
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "invoice.paid",
    "created": 1_800_000_000,
    "data": {"object": {"object": "invoice", "id": "in_1", "customer": "cus_1"}},
}


@pytest.fixture(autouse=True)
def _secrets(settings: LazySettings) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET, "whsec_two"]


def post(body: bytes, signature: str) -> HttpResponse:
    client = Client(enforce_csrf_checks=True)
    url = "/stripe/webhook/"
    return client.post(url, body, content_type="application/json", headers={"Stripe-Signature": signature})  # type: ignore[return-value]


def letter(event: dict[str, Any] = EVENT, secret: str = SECRET, age_seconds: int = 0) -> tuple[bytes, str]:
    body = json.dumps(event).encode()
    return body, sign(body, secret, int(time.time()) - age_seconds)


@pytest.mark.parametrize("secret", [SECRET, "whsec_two"])
def test_a_signed_letter_is_kept_and_answered_at_once(secret: str) -> None:
    answer = post(*letter(secret=secret))
    assert (answer.status_code, answer.content) == (200, b"")
    event = StripeEvent.objects.get()
    assert (event.event_id, event.type, event.object_id, event.customer_id) == (
        "evt_1",
        "invoice.paid",
        "in_1",
        "cus_1",
    )
    assert (event.status, event.payload) == ("new", EVENT)
    assert OrmQ.objects.count() == 1


def test_the_same_letter_is_kept_once() -> None:
    for _ in range(3):
        assert post(*letter()).status_code == 200
    assert StripeEvent.objects.count() == 1
    assert OrmQ.objects.count() == 1


def test_what_nobody_needs_is_kept_and_done_with() -> None:
    assert post(*letter({**EVENT, "type": "product.created"})).status_code == 200
    assert StripeEvent.objects.get().status == "ignored"
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize(
    "forged",
    [
        lambda: letter(secret="whsec_guess"),
        lambda: letter(age_seconds=301),
        lambda: (letter()[0] + b" ", letter()[1]),
        lambda: (letter()[0], ""),
        lambda: (letter()[0], "t=1,v1=00"),
        lambda: (letter()[0], "no signature at all"),
        lambda: (b"", letter()[1]),
        lambda: (b"[]", sign(b"[]", SECRET, int(time.time()))),
        lambda: (b"\xff", sign(b"\xff", "whsec_guess", int(time.time()))),
    ],
)
def test_a_forged_stale_or_unreadable_letter_is_refused_without_a_reason(forged: Any) -> None:
    answer = post(*forged())
    assert (answer.status_code, answer.content) == (400, b"")
    assert not StripeEvent.objects.exists()


def test_without_secrets_nothing_is_believed(settings: LazySettings) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert post(*letter()).status_code == 400


def test_a_letter_that_is_too_large_is_not_read() -> None:
    body = b" " * (MAX_BYTES + 1)
    assert post(body, sign(body, SECRET, int(time.time()))).status_code == 413


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_letters_are_taken(client: Client, method: str) -> None:
    assert getattr(client, method)("/stripe/webhook/").status_code == 405
