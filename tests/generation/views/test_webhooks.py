import pytest

from generation.models import WebhookEndpoint
from tests.factories import make_user
from tests.generation.api.told import make_endpoint
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PATH = "/settings/webhooks/"
URL = "https://hooks.example.com/pictures"
EVERY_EVENT = ["diffusion.finished", "diffusion.failed", "diffusion.canceled"]


def test_a_visitor_is_asked_to_log_in() -> None:
    assert_sent_to_login(visitor().get(PATH), PATH)


def test_a_new_webhook_leads_to_its_page_where_the_secret_stands_once() -> None:
    client = visitor(make_user())

    made = client.post(PATH, {"url": URL, "description": " My  shop ", "events": EVERY_EVENT})

    endpoint = WebhookEndpoint.objects.get()
    page = f"{PATH}{endpoint.pk}/"
    assert (made.status_code, made["Location"]) == (302, page)
    assert endpoint.description == "My shop"
    assert endpoint.secret in words(client.get(page))
    assert endpoint.secret not in words(client.get(page))


def test_what_must_be_mended_stands_beside_its_field_and_nothing_typed_is_lost() -> None:
    client = visitor(make_user())

    response = client.post(PATH, {"url": "https://10.0.0.1/hook", "description": "Shop"})

    page = words(response)
    assert response.status_code == 422
    assert "leads to a private network" in page
    assert "Choose at least one event" in page
    assert 'value="https://10.0.0.1/hook"' in page
    assert not WebhookEndpoint.objects.exists()


def test_the_tenth_is_the_last() -> None:
    user = make_user()
    for _ in range(10):
        make_endpoint(user)
    client = visitor(user)

    assert "which is the most" in words(client.get(PATH))
    assert client.post(PATH, {"url": URL, "events": EVERY_EVENT}).status_code == 422
    assert WebhookEndpoint.objects.count() == 10


def test_a_stranger_sees_no_endpoint_of_anothers() -> None:
    endpoint = make_endpoint(url=URL)

    assert URL in words(visitor(endpoint.user).get(PATH))
    assert URL not in words(visitor(make_user()).get(PATH))
