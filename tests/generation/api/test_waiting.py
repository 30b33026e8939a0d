import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.conf import LazySettings
from django.db import connection

from generation import lifecycle
from generation.api import waiting
from generation.models import Job
from tests.generation.api.calling import PROMPT, make_program


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("wait=5", 5),
        ("wait=600", 60),
        ("respond-async, wait=10", 10),
        ("WAIT = 7", 7),
        ("", 0),
        ("wait=-1", 0),
        ("wait=soon", 0),
        ("await=5", 0),
        ("wait=9999999", 0),
    ],
)
def test_a_preference_is_seconds_and_sixty_at_most(text: str, seconds: int) -> None:
    assert waiting.preferred_seconds({"Prefer": text}) == seconds


@pytest.fixture
def ending() -> Iterator[list[threading.Thread]]:
    """Collect threads that end runs, and wait for them."""
    threads: list[threading.Thread] = []
    yield threads
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_waiter_hears_of_the_end(ending: list[threading.Thread]) -> None:
    program = make_program()
    made = program.post("diffusions", PROMPT).json()["id"]

    def cancel() -> None:
        lifecycle.cancel(Job.objects.get(pk=made))
        connection.close()

    ending.append(threading.Timer(0.3, cancel))
    ending[0].start()

    response = program.get(f"diffusions/{made}", Prefer="wait=30")

    assert response.json()["status"] == "CANCELED"


@pytest.mark.django_db
def test_past_the_places_for_waiters_the_preference_is_not_applied(settings: LazySettings) -> None:
    settings.API_WAITERS_MAX = 1
    program = make_program()

    with waiting.place() as is_free:
        assert is_free
        response = program.post("diffusions", PROMPT, Prefer="wait=30")

    assert response.status_code == 201
    assert "Preference-Applied" not in response.headers
    with waiting.place() as is_free:
        assert is_free


@pytest.mark.parametrize(("places", "each"), [(8, 4), (5, 2), (1, 1), (0, 0)])
def test_an_account_has_half_of_the_places_and_one_at_least(places: int, each: int, settings: LazySettings) -> None:
    settings.API_WAITERS_MAX = places
    ada, bob = uuid.uuid4(), uuid.uuid4()

    with ExitStack() as waiters:
        hers = [waiters.enter_context(waiting.place(ada)) for _ in range(9)]
        his = [waiters.enter_context(waiting.place(bob)) for _ in range(9)]

    assert (sum(hers), sum(his)) == (each, min(each, places - each))
    with waiting.place(ada) as is_free:
        assert is_free == (places > 0)


@pytest.mark.django_db
def test_the_waiters_of_one_account_leave_the_preference_to_the_others(settings: LazySettings) -> None:
    settings.API_WAITERS_MAX = 2
    ada, bob = make_program(), make_program()

    with waiting.place(ada.user.pk):
        hers = ada.post("diffusions", PROMPT, Prefer="wait=1")
        his = bob.post("diffusions", PROMPT, Prefer="wait=1")

    assert "Preference-Applied" not in hers.headers
    assert his.headers["Preference-Applied"] == "wait=1"
