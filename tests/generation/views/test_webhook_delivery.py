import pytest
from django.utils import timezone

from generation import webhooks
from generation.api import courier
from generation.models import WebhookDelivery, WebhookEndpoint
from generation.webhook_sender import Answer
from tests.factories import make_user
from tests.generation.api.told import make_endpoint
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def path_of(delivery: WebhookDelivery) -> str:
    return f"/settings/webhooks/{delivery.endpoint_id}/deliveries/{delivery.pk}/"


def tried(answer: Answer) -> WebhookDelivery:
    """Return a test that was tried once, with this answer."""
    webhooks.send_test(make_endpoint())
    [taken] = courier.claim(1)
    courier.record(taken, courier.body_of(taken), timezone.now(), answer)
    return WebhookDelivery.objects.select_related("endpoint__user").get(pk=taken.pk)


def test_a_visitor_is_asked_to_log_in() -> None:
    path = path_of(tried(Answer(200, 7)))

    assert_sent_to_login(visitor().get(path), path)


def test_the_owner_sees_what_was_sent_and_what_came_back() -> None:
    delivery = tried(Answer(500, 7, body="<b>Oh no</b>"))

    page = words(visitor(delivery.endpoint.user).get(path_of(delivery)))

    assert delivery.message_id in page
    assert "This is a test." in page
    assert "&lt;b&gt;Oh no&lt;/b&gt;" in page
    assert "Next try" in page


def test_what_never_arrived_says_why() -> None:
    delivery = tried(Answer(None, 10_000, trouble="No answer within 10 seconds."))

    assert "No answer within 10 seconds." in words(visitor(delivery.endpoint.user).get(path_of(delivery)))


def test_a_message_is_sent_again() -> None:
    delivery = tried(Answer(200, 7))

    page = words(visitor(delivery.endpoint.user).post(path_of(delivery), follow=True))

    delivery.refresh_from_db()
    assert "on its way again" in page
    assert delivery.status == "waiting"


def test_nothing_is_sent_again_to_an_endpoint_that_is_off() -> None:
    delivery = tried(Answer(200, 7))
    WebhookEndpoint.objects.update(off="owner")

    page = words(visitor(delivery.endpoint.user).post(path_of(delivery), follow=True))

    delivery.refresh_from_db()
    assert "Switch it on first." in page
    assert delivery.status == "delivered"


def test_a_stranger_finds_nothing_and_sends_nothing() -> None:
    delivery = tried(Answer(200, 7))
    stranger = visitor(make_user())

    assert stranger.get(path_of(delivery)).status_code == 404
    assert stranger.post(path_of(delivery)).status_code == 404

    delivery.refresh_from_db()
    assert delivery.status == "delivered"


def test_a_message_is_found_below_its_own_endpoint_alone() -> None:
    delivery = tried(Answer(200, 7))
    other = make_endpoint(delivery.endpoint.user)
    path = f"/settings/webhooks/{other.pk}/deliveries/{delivery.pk}/"

    assert visitor(delivery.endpoint.user).get(path).status_code == 404
