from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest
from django.conf import LazySettings

from generation.api import fetching, waiting
from generation.api.problems import Problem
from tests.generation.receivers import Receiver, receiver

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


@pytest.fixture
def box(settings: LazySettings) -> Iterator[Receiver]:
    """Yield a server of pictures that may be reached."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as running:
        running.answer, running.headers = PNG, {"Content-Type": "image/png"}
        yield running


def test_a_picture_comes_from_its_address(box: Receiver) -> None:
    assert fetching.fetch(uuid4(), box.url, "image") == PNG


def test_a_refusal_names_the_field_and_says_why(box: Receiver) -> None:
    box.status = 404

    with pytest.raises(Problem) as caught:
        fetching.fetch(uuid4(), box.url, "maskImage")

    document = caught.value.document
    assert (document["status"], document["error"]["param"]) == (400, "maskImage")
    assert document["error"]["code"] == "image_not_fetched"
    assert document["detail"] == "maskImage could not be fetched. The server answered with status 404; 200 is needed."


def test_one_account_holds_half_of_the_places(box: Receiver, settings: LazySettings) -> None:
    settings.API_WAITERS_MAX = 4
    greedy = uuid4()
    with ExitStack() as held:
        for _ in range(2):
            assert held.enter_context(waiting.place(greedy))
        with pytest.raises(Problem) as caught:
            fetching.fetch(greedy, box.url, "image")

        assert fetching.fetch(uuid4(), box.url, "image") == PNG

    assert (caught.value.status_code, caught.value.headers) == (503, {"Retry-After": "2"})
    assert fetching.fetch(greedy, box.url, "image") == PNG
