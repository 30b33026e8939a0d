import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import jsonschema_rs
import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from standardwebhooks import Webhook, WebhookVerificationError

from generation import lifecycle, sealing, webhooks
from generation.api import courier
from generation.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from generation.webhook_sender import Answer
from tests.generation.api.calling import make_program
from tests.generation.api.told import finished, let_pauses_pass, make_endpoint, ordered
from tests.generation.receivers import Received, Receiver, receiver

pytestmark = pytest.mark.django_db

Off = WebhookEndpoint.Off


@pytest.fixture
def box(settings: LazySettings) -> Iterator[Receiver]:
    """Yield a receiver that may be reached."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as running:
        yield running


def verified(request: Received, secret: str) -> dict[str, object]:
    """Return the message that a receiver reads with the specification's own library."""
    found: dict[str, object] = Webhook(secret).verify(request.body, request.headers)
    return found


def give_up(delivery: WebhookDelivery, answer: Answer) -> WebhookDelivery:
    """Note this answer on each try that the delivery gets, until it gets none."""
    while delivery.status == "waiting":
        let_pauses_pass()
        [taken] = courier.claim(1)
        courier.record(taken, "{}", timezone.now(), answer)
        delivery.refresh_from_db()
    return delivery


# --- What arrives ---------------------------------------------------------------------------------------------


def test_the_message_is_the_run_as_the_api_gives_it(box: Receiver) -> None:
    program = make_program()
    endpoint = make_endpoint(program.user, box.url)
    job = finished(program, numImages=2)

    assert courier.run() == 1

    [request] = box.received
    message = verified(request, endpoint.secret)
    delivery = WebhookDelivery.objects.get()
    assert message["type"] == "diffusion.finished"
    assert message["data"] == json.loads(program.get(f"diffusions/{job.pk}").content)
    assert request.headers["webhook-id"] == delivery.message_id
    assert (delivery.status, delivery.payload) == ("delivered", request.body.decode())
    attempt = delivery.attempts.get()
    assert (attempt.status_code, attempt.answer, attempt.trouble) == (200, "thanks", "")


def test_a_test_says_that_it_is_one(box: Receiver) -> None:
    endpoint = make_endpoint(url=box.url)
    webhooks.send_test(endpoint)

    courier.run()

    message = verified(box.received[0], endpoint.secret)
    assert message["type"] == "webhook.test"
    assert message["data"] == {"endpointId": str(endpoint.pk), "message": "This is a test."}


def test_each_message_is_the_one_that_the_description_tells_of(box: Receiver) -> None:
    program = make_program()
    endpoint = make_endpoint(program.user, box.url)
    finished(program)
    lifecycle.cancel(ordered(program))
    webhooks.send_test(endpoint)
    courier.run()

    description = Client().get("/v1/openapi.json").json()
    sent = {str(verified(one, endpoint.secret)["type"]): one for one in box.received}
    assert sent.keys() == {"diffusion.finished", "diffusion.canceled", "webhook.test"}
    for event, one in sent.items():
        operation = description["webhooks"][event]["post"]
        assert {field["name"] for field in operation["parameters"]} <= {name.lower() for name in one.headers}
        shape = {**operation["requestBody"]["content"]["application/json"]["schema"], **description}
        jsonschema_rs.Draft202012Validator(shape, validate_formats=True).validate(json.loads(one.body))


def test_during_a_rotation_both_secrets_prove_the_sender(box: Receiver) -> None:
    endpoint = make_endpoint(url=box.url)
    old = endpoint.secret
    new = webhooks.rotate(endpoint)
    webhooks.send_test(endpoint)

    courier.run()

    assert verified(box.received[0], old) == verified(box.received[0], new)
    with pytest.raises(WebhookVerificationError):
        verified(box.received[0], make_endpoint().secret)


def test_the_signature_is_the_specifications() -> None:
    # Source: the vector that the libraries of standard-webhooks/standard-webhooks are tested with.
    endpoint = WebhookEndpoint(sealed_secret=sealing.seal("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    delivery = WebhookDelivery(endpoint=endpoint)
    now = timezone.now()

    headers = courier.headers_of(delivery, '{"test": 2432232314}', now)

    signature = Webhook(endpoint.secret).sign(delivery.message_id, now, '{"test": 2432232314}')
    assert headers["webhook-signature"] == signature
    assert headers["webhook-timestamp"] == str(int(now.timestamp()))


# --- Tries ----------------------------------------------------------------------------------------------------


def test_what_is_not_taken_comes_again_under_the_same_id(box: Receiver) -> None:
    endpoint = make_endpoint(url=box.url)
    delivery = webhooks.send_test(endpoint)
    box.status = 500
    courier.run()

    delivery.refresh_from_db()
    pause = delivery.due_at - timezone.now()
    assert (delivery.status, delivery.claimed_by) == ("waiting", "")
    assert timedelta(seconds=3) < pause < timedelta(seconds=6)
    assert courier.run() == 0

    box.status = 204
    let_pauses_pass()
    courier.run()

    delivery.refresh_from_db()
    assert delivery.status == "delivered"
    assert [request.headers["webhook-id"] for request in box.received] == [delivery.message_id] * 2
    assert [attempt.status_code for attempt in delivery.attempts.all()] == [204, 500]


def test_a_message_is_given_up_after_three_days(box: Receiver) -> None:
    pauses = sum(courier.BACKOFF, timedelta())
    assert timedelta(days=2, hours=23) < pauses < timedelta(days=3, hours=2)
    delivery = webhooks.send_test(make_endpoint(url=box.url))

    give_up(delivery, Answer(500, 12))

    assert (delivery.status, delivery.tries) == ("failed", 11)
    assert delivery.attempts.count() == 11


def test_pauses_grow_and_no_two_are_the_same() -> None:
    endpoint = make_endpoint()
    pauses = []
    for _ in range(5):
        webhooks.send_test(endpoint)
    for delivery in courier.claim(3):
        courier.record(delivery, "{}", timezone.now(), Answer(None, 1, trouble="No."))
        delivery.refresh_from_db()
        pauses.append(delivery.due_at - timezone.now())

    assert len(set(pauses)) == 3
    assert list(courier.BACKOFF) == sorted(courier.BACKOFF)


def test_a_receiver_may_ask_for_a_longer_pause() -> None:
    delivery = webhooks.send_test(make_endpoint())
    [taken] = courier.claim(1)

    courier.record(taken, "{}", timezone.now(), Answer(429, 1, retry_after_seconds=900))

    delivery.refresh_from_db()
    assert timedelta(seconds=890) < delivery.due_at - timezone.now() <= timedelta(seconds=900)


# --- Endpoints that take nothing --------------------------------------------------------------------------------


def test_an_endpoint_that_took_nothing_for_days_is_switched_off_with_one_mail(
    django_capture_on_commit_callbacks: object,
) -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)
    for _ in range(3):
        webhooks.send_test(endpoint)
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=3, minutes=1))

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        for taken in courier.claim(3):
            courier.record(taken, "{}", timezone.now(), Answer(503, 1))

    endpoint.refresh_from_db()
    assert endpoint.off == Off.FAILING
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"failed"}
    [letter] = mail.outbox
    assert letter.to == [program.user.email]
    assert endpoint.url in letter.body
    assert f"/settings/webhooks/{endpoint.pk}/" in letter.body


def test_a_success_in_between_begins_the_days_anew() -> None:
    endpoint = make_endpoint()
    webhooks.send_test(endpoint)
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=2))

    courier.record(courier.claim(1)[0], "{}", timezone.now(), Answer(200, 1))

    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_gone_is_taken_at_its_word() -> None:
    endpoint = make_endpoint()
    webhooks.send_test(endpoint)

    courier.record(courier.claim(1)[0], "{}", timezone.now(), Answer(410, 1))

    endpoint.refresh_from_db()
    assert endpoint.off == Off.GONE


def test_a_forbidden_address_is_noted_and_never_called(settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as trap:
        delivery = webhooks.send_test(make_endpoint(url=trap.url))
        settings.WEBHOOK_ALLOW_PRIVATE = False
        courier.run()

        assert trap.connections == 0
    assert "private network" in delivery.attempts.get().trouble


# --- Shifts ---------------------------------------------------------------------------------------------------


def test_a_shift_that_is_over_lets_another_go_on(box: Receiver) -> None:
    endpoint = make_endpoint(url=box.url)
    for _ in range(10):
        webhooks.send_test(endpoint)
    OrmQ.objects.all().delete()

    def take_time(_handler: BaseHTTPRequestHandler, _number: int) -> int:
        time.sleep(0.2)
        return 200

    box.behave = take_time

    assert 0 < courier.run(shift_seconds=0.1) < 10
    assert OrmQ.objects.filter(key="default").count() == 1


def test_one_that_cannot_be_written_is_put_off_and_the_others_arrive(box: Receiver) -> None:
    broken = webhooks.send_test(make_endpoint(url=box.url))
    WebhookEndpoint.objects.update(sealed_secret="sealed with a key that is gone")
    whole = webhooks.send_test(make_endpoint(url=box.url))

    assert courier.run() == 2

    broken.refresh_from_db()
    assert [request.headers["webhook-id"] for request in box.received] == [whole.message_id]
    assert (broken.status, broken.tries, broken.claimed_by) == ("waiting", 1, "")
    assert timedelta(seconds=3) < broken.due_at - timezone.now() < timedelta(seconds=6)
    assert [attempt.trouble for attempt in broken.attempts.all()] == [courier.INTERNAL]


def test_an_error_that_nobody_foresaw_while_posting_is_a_failed_try(
    settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    sent = [webhooks.send_test(make_endpoint()) for _ in range(2)]
    settings.WEBHOOK_PORTS = None

    assert courier.run() == 2

    rows = WebhookDelivery.objects.filter(status="waiting", claimed_by="", tries=1, due_at__gt=timezone.now())
    assert rows.count() == 2
    assert set(WebhookAttempt.objects.values_list("trouble", flat=True)) == {courier.INTERNAL}
    logged = {record.__dict__.get("delivery") for record in caplog.records if record.exc_info}
    assert logged == {delivery.pk for delivery in sent}


class Flapping:
    """Refuse each message up to three times, in a way that changes by turns, and take it then, slowly or at once."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def __call__(self, handler: BaseHTTPRequestHandler, number: int) -> int | None:
        message_id = handler.headers["webhook-id"]
        self.seen[message_id] += 1
        is_slow, is_taken = number % 3 == 0, self.seen[message_id] > int(message_id[-1], 16) % 4
        time.sleep(0.05 if is_slow else 0)
        if not is_taken and number % 2:
            handler.connection.close()
            return None
        return 202 if is_taken else 503


def carry_through_trouble(count: int) -> None:
    """Send so many messages to a receiver that is down at first and flaps afterwards; check that all arrived."""
    with receiver() as box:
        gone_url = box.url
    endpoint = make_endpoint(url=gone_url)
    sent = [webhooks.send_test(endpoint) for _ in range(count)]
    while courier.run():
        pass  # nobody is there
    assert {attempt.status_code for attempt in WebhookAttempt.objects.all()} == {None}
    # On a slow machine some have come to their second try by now.
    in_vain = WebhookAttempt.objects.count()
    with receiver() as box:
        box.behave = Flapping()
        WebhookEndpoint.objects.update(url=box.url)
        for _ in range(10):
            let_pauses_pass()
            courier.run(shift_seconds=120)
            if not WebhookDelivery.objects.filter(status="waiting").exists():
                break
        arrived = Counter(request.headers["webhook-id"] for request in box.received)
        for request in box.received:
            assert verified(request, endpoint.secret)["type"] == "webhook.test"

    assert set(arrived) == {delivery.message_id for delivery in sent}
    assert WebhookDelivery.objects.filter(status="delivered").count() == count
    assert sum(arrived.values()) + in_vain == WebhookAttempt.objects.count()
    assert max(arrived.values()) > 1
    assert box.most_at_once < 12  # three are sent to; some are still putting the receiver down


def test_each_message_arrives_through_a_receiver_that_is_down_slow_and_flapping(settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    carry_through_trouble(40)


@pytest.mark.long
def test_each_of_500_messages_arrives_through_a_receiver_that_is_down_slow_and_flapping(settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    carry_through_trouble(500)
