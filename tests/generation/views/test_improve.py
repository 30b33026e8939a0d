import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings

from generation import storage
from generation.models import Image
from generation.views.improve import A_MINUTE
from tests.generation.receivers import Receiver, receiver
from tests.generation.runs import finished, make_person
from tests.visitors import HTMX, visitor, words

pytestmark = pytest.mark.django_db

IMPROVE = "/create/improve/"


@pytest.fixture
def server(settings: LazySettings) -> Iterator[Receiver]:
    with receiver() as found:
        found.answer = json.dumps({"choices": [{"message": {"content": "a red fox in snow"}}]}).encode()
        settings.PROMPT_WRITER_URL = f"http://127.0.0.1:{found.port}/v1"
        yield found


def picture(tmp_path: Path) -> Image:
    """Return a picture whose files exist."""
    image = finished(make_person(), num_images=1).images.get()
    np.save(tmp_path / "raw.npy", np.zeros((64, 64, 3), np.uint8))
    files = storage.save(image.pk, tmp_path / "raw.npy")
    image.thumbnail_640 = files.thumbnail_640
    image.save(update_fields=["thumbnail_640"])
    return image


def test_anonymous_people_are_sent_to_the_login(tmp_path: Path) -> None:
    assert visitor().post(IMPROVE, headers=HTMX)["HX-Redirect"].startswith("/accounts/login/")
    address = f"/pictures/{picture(tmp_path).pk}/describe/"
    assert visitor().post(address)["Location"].startswith("/accounts/login/")


def test_a_prompt_comes_back_better(server: Receiver) -> None:
    assert visitor(make_person()).post(IMPROVE, {"prompt": "a fox"}).json() == {"prompt": "a red fox in snow"}


def test_without_a_model_both_say_so(settings: LazySettings, tmp_path: Path) -> None:
    settings.PROMPT_WRITER_URL = ""
    image = picture(tmp_path)
    client = visitor(image.user)

    assert client.post(IMPROVE, {"prompt": "a fox"}).json()["error"] == "No model for this is set up on this site."
    page = words(client.post(f"/pictures/{image.pk}/describe/", follow=True))
    assert "No model for this is set up on this site." in page
    assert "No model that could describe pictures is set up" in page
    assert 'data-why="No model that could improve prompts' in words(client.get("/create/"))
    assert 'id="improve-sends"' not in words(client.get("/create/"))


def test_what_goes_to_a_text_model_is_said_beside_the_buttons(settings: LazySettings) -> None:
    settings.PROMPT_WRITER_URL = "https://words.example/v1"
    user = make_person()
    image = finished(user, num_images=1).images.get()

    assert "“Improve” sends the prompt to a text model" in words(visitor(user).get("/create/"))
    assert "A small copy of the picture goes to a text model" in words(visitor(user).get(f"/pictures/{image.pk}/"))


@pytest.mark.parametrize("prompt", ["", " ", "x" * 1001])
def test_a_prompt_out_of_bounds_is_not_sent(server: Receiver, prompt: str) -> None:
    answer = visitor(make_person()).post(IMPROVE, {"prompt": prompt})

    assert answer.status_code == 422
    assert "1 to 1,000 characters" in answer.json()["error"]
    assert not server.received


def test_a_person_may_ask_so_often_a_minute(server: Receiver) -> None:
    client = visitor(make_person())
    answers = [client.post(IMPROVE, {"prompt": "a fox"}).status_code for _ in range(A_MINUTE + 1)]

    assert answers == [200] * A_MINUTE + [429]
    assert visitor(make_person("bob@example.com")).post(IMPROVE, {"prompt": "a fox"}).status_code == 200


def test_a_failure_is_said_and_changes_nothing(server: Receiver) -> None:
    server.status = 500
    answer = visitor(make_person()).post(IMPROVE, {"prompt": "a fox"})

    assert answer.status_code == 502
    assert "try again later" in answer.json()["error"]


def test_a_described_picture_leads_to_create_and_no_address_holds_the_words(server: Receiver, tmp_path: Path) -> None:
    image = picture(tmp_path)

    answer = visitor(image.user).post(f"/pictures/{image.pk}/describe/", follow=True)

    assert answer.redirect_chain == [("/create/", 302)]
    assert ">a red fox in snow</textarea>" in words(answer)


def test_a_picture_that_cannot_be_described_keeps_its_page(server: Receiver, tmp_path: Path) -> None:
    image = picture(tmp_path)
    server.status = 500

    answer = visitor(image.user).post(f"/pictures/{image.pk}/describe/", follow=True)

    assert answer.redirect_chain == [(f"/pictures/{image.pk}/", 302)]
    assert "try again later" in words(answer)


def test_a_stranger_finds_no_picture_to_describe(server: Receiver, tmp_path: Path) -> None:
    image = picture(tmp_path)

    assert visitor(make_person("bob@example.com")).post(f"/pictures/{image.pk}/describe/").status_code == 404
    assert not server.received
