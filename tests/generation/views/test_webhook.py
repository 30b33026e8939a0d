import pytest
from django.utils import timezone

from generation import webhooks
from generation.models import WebhookAttempt, WebhookDelivery
from tests.factories import make_user
from tests.generation.api.told import make_endpoint
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def test_a_visitor_is_asked_to_log_in() -> None:
    path = f"/settings/webhooks/{make_endpoint().pk}/"

    assert_sent_to_login(visitor().get(path), path)


def test_the_owner_sees_it_and_changes_it() -> None:
    endpoint = make_endpoint()
    client, path = visitor(endpoint.user), f"/settings/webhooks/{endpoint.pk}/"

    assert endpoint.url in words(client.get(path))
    saved = client.post(path, {"url": "https://example.org/x", "events": ["diffusion.failed"]})

    endpoint.refresh_from_db()
    assert (saved.status_code, endpoint.url, endpoint.events) == (302, "https://example.org/x", ["diffusion.failed"])
    assert endpoint.secret not in words(client.get(path))


def test_a_refused_change_stands_beside_its_field() -> None:
    endpoint = make_endpoint()

    response = visitor(endpoint.user).post(f"/settings/webhooks/{endpoint.pk}/", {"url": "nonsense"})

    assert response.status_code == 422
    assert "must begin with https://" in words(response)
    assert 'value="nonsense"' in words(response)


def test_a_stranger_finds_nothing() -> None:
    client, path = visitor(make_user()), f"/settings/webhooks/{make_endpoint().pk}/"

    assert client.get(path).status_code == 404
    assert client.post(path, {"url": "https://example.org/x"}).status_code == 404


def test_the_log_follows_what_waits_and_stops_when_all_has_ended() -> None:
    endpoint = make_endpoint()
    client, path = visitor(endpoint.user), f"/settings/webhooks/{endpoint.pk}/"
    delivery = webhooks.send_test(endpoint)

    assert "every 3s" in words(client.get(path, headers=HTMX))
    WebhookAttempt.objects.create(delivery=delivery, started_at=timezone.now(), milliseconds=42, status_code=204)
    WebhookDelivery.objects.update(status="delivered", ended_at=timezone.now())

    log = words(client.get(path, headers=HTMX))
    assert "every 3s" not in log
    assert "204 in 42 ms" in log


def test_older_messages_come_on_demand() -> None:
    endpoint = make_endpoint()
    client, path = visitor(endpoint.user), f"/settings/webhooks/{endpoint.pk}/"
    sent = [webhooks.send_test(endpoint) for _ in range(27)]

    first = words(client.get(path))
    assert first.count("log-line") == 25
    assert f"?before={sent[2].pk}" in first
    assert words(client.get(f"{path}?before={sent[2].pk}", headers=HTMX)).count("log-line") == 2
    assert client.get(f"{path}?before=nonsense").status_code == 200


def test_the_newest_messages_are_followed_down_to_the_one_that_was_the_last() -> None:
    endpoint = make_endpoint()
    client, path = visitor(endpoint.user), f"/settings/webhooks/{endpoint.pk}/"
    sent = [webhooks.send_test(endpoint) for _ in range(27)]

    assert f"?since={sent[2].pk}" in words(client.get(path))
    webhooks.send_test(endpoint)
    log = words(client.get(f"{path}?since={sent[2].pk}", headers=HTMX))

    assert log.count("log-line") == 26
    assert f"?since={sent[2].pk}" in log
    assert "?before=" not in log
