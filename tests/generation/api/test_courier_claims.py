"""Who gets the courier's hands, and that no two couriers carry the same."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from generation import webhooks
from generation.api import courier
from generation.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from generation.webhook_sender import Answer
from tests.generation.api.calling import make_program
from tests.generation.api.told import make_endpoint

pytestmark = pytest.mark.django_db

Off = WebhookEndpoint.Off


def test_a_delivery_is_claimed_once() -> None:
    webhooks.send_test(make_endpoint())

    assert len(courier.claim(10)) == 1
    assert courier.claim(10) == []


def test_the_claim_of_a_courier_that_died_runs_out() -> None:
    delivery = webhooks.send_test(make_endpoint())
    [lost] = courier.claim(1)
    WebhookDelivery.objects.update(due_at=timezone.now())

    [taken] = courier.claim(1)
    courier.record(lost, "{}", timezone.now(), Answer(500, 1))

    delivery.refresh_from_db()
    assert (delivery.claimed_by, delivery.tries) == (taken.claimed_by, 2)


def test_a_late_success_counts_whoever_claimed_since() -> None:
    delivery = webhooks.send_test(make_endpoint())
    [lost] = courier.claim(1)
    WebhookDelivery.objects.update(due_at=timezone.now())
    [taken] = courier.claim(1)

    courier.record(lost, "{}", timezone.now(), Answer(200, 1))
    courier.record(taken, "{}", timezone.now(), Answer(500, 1))

    delivery.refresh_from_db()
    assert delivery.status == "delivered"


def test_one_endpoint_does_not_take_all_hands() -> None:
    busy, quiet = make_endpoint(), make_endpoint()
    for _ in range(40):
        webhooks.send_test(busy)
    webhooks.send_test(quiet)

    taken = Counter(delivery.endpoint_id for delivery in courier.claim(16))

    assert taken == {busy.pk: 3, quiet.pk: 1}
    assert courier.claim(16, Counter({busy.pk: 3, quiet.pk: 3})) == []


def test_one_person_does_not_take_all_hands() -> None:
    busy, quiet = make_program(), make_endpoint()
    for endpoint in [make_endpoint(busy.user) for _ in range(5)]:
        for _ in range(4):
            webhooks.send_test(endpoint)
    webhooks.send_test(quiet)

    taken = Counter(delivery.endpoint.user_id for delivery in courier.claim(16))

    assert taken == {busy.user.pk: 4, quiet.user_id: 1}


@pytest.mark.parametrize("are_under_way", [True, False])
def test_however_much_waits_for_some_the_others_come_up(are_under_way: bool) -> None:
    crowd = [make_program().user for _ in range(3)]
    url = "https://hooks.example.com/in"
    endpoints = WebhookEndpoint.objects.bulk_create(
        WebhookEndpoint(user=user, url=url) for user in crowd for _ in range(30)
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(endpoint=endpoint, event="webhook.test") for endpoint in endpoints for _ in range(3)
    )
    quiet = webhooks.send_test(make_endpoint())
    busy = Counter({user.pk: 4 for user in crowd if are_under_way})

    taken = Counter(delivery.endpoint.user_id for delivery in courier.claim(16, busy))

    theirs = {} if are_under_way else {user.pk: 4 for user in crowd}
    assert taken == {**theirs, quiet.endpoint.user_id: 1}


def test_two_with_receivers_that_drip_leave_hands_for_the_others() -> None:
    slow = [make_program().user for _ in range(2)]
    for endpoint in [make_endpoint(user) for user in slow for _ in range(3)]:
        for _ in range(4):
            webhooks.send_test(endpoint)
    busy: Counter[uuid.UUID] = Counter()
    courier.claim(16, busy)
    quiet = webhooks.send_test(make_endpoint())

    [taken] = courier.claim(16 - busy.total() // 2, busy)

    assert taken == quiet


def test_what_is_off_is_not_claimed() -> None:
    endpoint = make_endpoint()
    webhooks.send_test(endpoint)
    WebhookEndpoint.objects.update(off=Off.OWNER)

    assert courier.claim(10) == []


def test_an_endpoint_deleted_on_the_way_is_no_error() -> None:
    endpoint = make_endpoint()
    webhooks.send_test(endpoint)
    [taken] = courier.claim(1)
    endpoint.delete()

    courier.record(taken, "{}", timezone.now(), Answer(200, 1))

    assert not WebhookAttempt.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_a_try_brought_and_the_owners_switch_do_not_wait_for_each_other() -> None:
    delivery = webhooks.send_test(make_endpoint())
    [carried] = courier.claim(1)

    def record() -> None:
        try:
            courier.record(carried, "{}", timezone.now(), Answer(500, 1))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            # As `switch_off` does: the endpoint first.
            WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(off=Off.OWNER)
            recording = threads.submit(record)
            with pytest.raises(TimeoutError):
                recording.result(timeout=0.5)
            waiting = WebhookDelivery.objects.filter(pk=delivery.pk)
            waiting.update(status="failed", ended_at=timezone.now(), claimed_by="")
        recording.result(timeout=10)

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts.count()) == ("failed", 1)
