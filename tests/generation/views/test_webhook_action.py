import pytest

from generation.models import WebhookDelivery, WebhookEndpoint
from tests.factories import make_user
from tests.generation.api.told import make_endpoint
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

ACTIONS = ["on", "off", "rotate", "test", "delete"]


def path_of(endpoint: WebhookEndpoint, action: str) -> str:
    return f"/settings/webhooks/{endpoint.pk}/{action}/"


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_else_may_press_a_button(action: str) -> None:
    endpoint = make_endpoint()
    secret = endpoint.secret

    assert visitor().post(path_of(endpoint, action)).status_code == 302
    assert visitor(make_user()).post(path_of(endpoint, action)).status_code == 404

    endpoint.refresh_from_db()
    assert (endpoint.off, endpoint.secret) == ("", secret)
    assert not WebhookDelivery.objects.exists()


def test_off_and_on_again() -> None:
    endpoint = make_endpoint()
    client = visitor(endpoint.user)

    client.post(path_of(endpoint, "off"))
    page = words(client.get(f"/settings/webhooks/{endpoint.pk}/"))
    assert "Switched off by you" in page
    client.post(path_of(endpoint, "on"))

    endpoint.refresh_from_db()
    assert endpoint.is_enabled


def test_a_new_secret_is_shown_once() -> None:
    endpoint = make_endpoint()
    client, old = visitor(endpoint.user), endpoint.secret

    page = words(client.post(path_of(endpoint, "rotate"), follow=True))

    endpoint.refresh_from_db()
    assert endpoint.secret != old
    assert endpoint.secret in page
    assert old not in page


def test_a_test_stands_in_the_log() -> None:
    endpoint = make_endpoint()

    page = words(visitor(endpoint.user).post(path_of(endpoint, "test"), follow=True))

    assert "A test is on its way." in page
    assert "webhook.test" in page


def test_no_test_goes_to_an_endpoint_that_is_off() -> None:
    endpoint = make_endpoint()
    WebhookEndpoint.objects.update(off="owner")

    page = words(visitor(endpoint.user).post(path_of(endpoint, "test"), follow=True))

    assert "switched off. Switch it on first." in page
    assert not WebhookDelivery.objects.exists()


def test_a_deleted_webhook_leads_back_to_the_list() -> None:
    endpoint = make_endpoint()

    response = visitor(endpoint.user).post(path_of(endpoint, "delete"))

    assert response["Location"] == "/settings/webhooks/"
    assert not WebhookEndpoint.objects.exists()


def test_an_unknown_action_is_not_there_and_opening_the_address_does_nothing() -> None:
    endpoint = make_endpoint()
    client = visitor(endpoint.user)

    assert client.post(path_of(endpoint, "explode")).status_code == 404
    assert client.get(path_of(endpoint, "delete")).status_code == 405
