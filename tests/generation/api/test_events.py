import json

import pytest
from django.conf import LazySettings
from django.core.cache import cache

from generation.api import event_tickets
from generation.api.events import SIGN_OF_LIFE
from tests.generation.api.calling import make_program
from tests.generation.api.told import ordered

pytestmark = pytest.mark.django_db


def test_a_request_is_led_to_the_stream_with_a_ticket_and_without_the_key(settings: LazySettings) -> None:
    settings.EVENTS_URL = "https://events.example.com"
    cache.set(SIGN_OF_LIFE, 1)
    program = make_program()
    job = ordered(program)

    response = program.get(f"diffusions/{job.pk}/events")

    address, _, ticket = response["Location"].partition("?ticket=")
    assert (response.status_code, address) == (307, f"https://events.example.com/v1/diffusions/{job.pk}/events")
    assert event_tickets.read(ticket, str(job.pk)) == event_tickets.way_of(program.key.pk, program.key.digest)
    assert program.text not in response["Location"]


@pytest.mark.parametrize("address", ["", "https://events.example.com"])
def test_where_no_stream_runs_the_answer_says_what_to_do_instead(address: str, settings: LazySettings) -> None:
    settings.EVENTS_URL = address
    program = make_program()

    response = program.get(f"diffusions/{ordered(program).pk}/events")

    assert response.status_code == 501
    assert json.loads(response.content)["error"]["code"] == "events_unavailable"
    assert "webhook" in json.loads(response.content)["detail"]


def test_a_strangers_run_reads_like_one_that_is_not_there() -> None:
    job, stranger = ordered(make_program()), make_program()

    theirs = stranger.get(f"diffusions/{job.pk}/events")
    missing = stranger.get("diffusions/00000000-0000-7000-8000-000000000000/events")

    assert (theirs.status_code, theirs.content) == (404, missing.content)


def test_without_a_key_the_answer_asks_for_one() -> None:
    assert make_program().client.get(f"/v1/diffusions/{ordered(make_program()).pk}/events").status_code == 401
