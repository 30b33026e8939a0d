import pytest
from django.conf import LazySettings
from django.test import Client

from generation import queue_health
from tests.generation.runs import make_person, submit
from tests.getimg_site.scraping import TOKEN, figures, read


def test_without_a_token_there_is_no_such_page(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer wrong", TOKEN])
def test_who_does_not_show_the_token_learns_nothing(client: Client, settings: LazySettings, sent: str) -> None:
    settings.METRICS_TOKEN = TOKEN

    response = client.get("/metrics", headers={"Authorization": sent})

    assert (response.status_code, b"getimg_" in response.content) == (401, False)


@pytest.mark.django_db
def test_the_queue_is_told(client: Client, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = TOKEN
    submit(make_person())
    assert queue_health.measure().waiting == 1

    found = figures(read(client))

    assert (found["getimg_database_up"], found["getimg_runs_waiting"], found["getimg_runs_running"]) == (1, 1, 0)
    assert found["getimg_stripe_events_failed"] == found["getimg_webhooks_waiting"] == 0
