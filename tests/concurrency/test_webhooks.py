"""Couriers that carry at the same time, and one that is killed on its way, on PostgreSQL."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler

import pytest
from django.conf import LazySettings
from django.db import connections, transaction
from django.utils import timezone

from generation import webhooks
from generation.api import courier
from generation.errors import EndpointOff
from generation.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.concurrency.test_ledger_grants import waits_for_a_lock
from tests.flows.clusters import wait_for
from tests.generation.api.told import make_endpoint
from tests.generation.receivers import Receiver, receiver
from tests.rules.tree import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

COURIERS = 4


@pytest.fixture
def box(settings: LazySettings) -> Iterator[Receiver]:
    """Yield a receiver that may be reached."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as running:
        yield running


def own_connection(work: Callable[[], int]) -> Callable[[], int]:
    """Close the thread's connection in the end: the test database could not be dropped else."""

    def run() -> int:
        try:
            return work()
        finally:
            connections.close_all()

    return run


def test_several_couriers_carry_each_message_once(box: Receiver) -> None:
    endpoints = [make_endpoint(url=box.url) for _ in range(8)]
    sent = [webhooks.send_test(endpoint) for endpoint in endpoints for _ in range(10)]
    start = threading.Barrier(COURIERS)

    def carry() -> int:
        start.wait()
        return courier.run()

    with ThreadPoolExecutor(COURIERS) as pool:
        made = sum(future.result() for future in [pool.submit(own_connection(carry)) for _ in range(COURIERS)])

    arrived = Counter(request.headers["webhook-id"] for request in box.received)
    assert arrived == Counter(delivery.message_id for delivery in sent)
    assert made == WebhookAttempt.objects.count() == len(sent)
    assert set(WebhookDelivery.objects.values_list("status", "tries")) == {("delivered", 1)}


def test_an_endpoint_is_deleted_with_what_is_noted_for_it_at_that_moment() -> None:
    endpoint = make_endpoint()

    def delete() -> int:
        webhooks.delete(endpoint)
        return 1

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            webhooks.send_test(endpoint)
            deleting = pool.submit(own_connection(delete))
            wait_for(waits_for_a_lock, "the deletion")
        assert deleting.result() == 1
    assert not WebhookEndpoint.objects.exists()
    assert not WebhookDelivery.objects.exists()


def test_nothing_is_noted_for_an_endpoint_that_is_being_deleted() -> None:
    endpoint = make_endpoint()

    def announce() -> int:
        with pytest.raises(EndpointOff):
            webhooks.send_test(endpoint)
        return 1

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)  # as a deletion begins
            announcing = pool.submit(own_connection(announce))
            wait_for(waits_for_a_lock, "the message")
            endpoint.delete()
        assert announcing.result() == 1


def test_nothing_is_lost_by_a_kill(box: Receiver, child_environment: dict[str, str]) -> None:
    sent = [webhooks.send_test(make_endpoint(url=box.url)) for _ in range(3)]
    is_slow = threading.Event()
    is_slow.set()

    def be_slow(_handler: BaseHTTPRequestHandler, _number: int) -> int:
        while is_slow.is_set():
            time.sleep(0.05)
        return 200

    box.behave = be_slow
    work = "from generation.api import courier; courier.run()"
    child = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "shell", "-v0", "-c", work],
        env={**child_environment, "WEBHOOK_ALLOW_PRIVATE": "1"},
    )
    deadline = time.monotonic() + 60
    while len(box.received) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    child.kill()
    child.wait()
    is_slow.clear()

    assert courier.run() == 0
    assert not WebhookAttempt.objects.exists()
    WebhookDelivery.objects.update(due_at=timezone.now())  # the claims have run out
    assert courier.run() == 3

    arrived = Counter(request.headers["webhook-id"] for request in box.received)
    assert arrived == {delivery.message_id: 2 for delivery in sent}
    assert set(WebhookDelivery.objects.values_list("status", "tries")) == {("delivered", 2)}
