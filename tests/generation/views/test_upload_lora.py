from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from generation import catalog, lora_checks
from generation.models import CustomModel
from tests.generation import pickles
from tests.generation.loras import save_lora
from tests.generation.runs import make_person

pytestmark = pytest.mark.django_db
URL = "generation:upload_lora"


@pytest.fixture
def user(client: Client) -> User:
    person = make_person()
    client.force_login(person)
    return person


def send(client: Client, content: bytes | None, **changes: str) -> tuple[int, str]:
    body: dict[str, object] = {"name": "Ink", "base_model": "starter", "trigger_word": "", **changes}
    if content is not None:
        body["file"] = SimpleUploadedFile("ink.safetensors", content)
    response = client.post(reverse(URL), body)
    return response.status_code, response.content.decode()


def test_a_lora_that_fits_becomes_a_model_and_leaves_no_copy(client: Client, user: User, tmp_path: Path) -> None:
    assert client.get(reverse(URL)).status_code == 200
    path = save_lora(tmp_path / "lora.safetensors", catalog.MODELS["starter"].folder)
    assert send(client, path.read_bytes())[0] == 302
    model = CustomModel.objects.usable_by(user).get()
    assert (model.name, model.origin) == ("Ink", "uploaded")
    assert not list(Path(settings.SCRATCH_DIR).glob("*.safetensors"))
    text = client.get(reverse("generation:model", args=[model.pk])).content.decode()
    assert "Needs no word in the prompt" in text


@pytest.mark.parametrize(
    ("content", "changes", "words"),
    [
        (None, {}, "Choose a file."),
        (b"\x80\x04 pickled", {}, "which can run code"),
        (b"PK\x03\x04", {}, "Save the LoRA as safetensors."),
        (b"x" * 100, {}, "not a safetensors file"),
        (b"x" * 100, {"name": ""}, "Give it a name"),
        (b"x" * 100, {"base_model": "gone"}, "Choose the model that it was made for"),
        (b"x" * 100, {"trigger_word": "House"}, "small letters and digits"),
    ],
)
def test_a_refusal_says_why_and_keeps_nothing(
    client: Client, user: User, content: bytes | None, changes: dict[str, str], words: str
) -> None:
    status, text = send(client, content, **changes)
    assert status == 422
    assert words in text
    assert not CustomModel.objects.exists()


@pytest.mark.parametrize("is_archive", [False, True])
def test_a_pickle_that_is_sent_never_runs(client: Client, user: User, tmp_path: Path, is_archive: bool) -> None:
    mark = tmp_path / "sprung"

    status, text = send(client, pickles.trap(mark, is_archive=is_archive))

    assert (status, pickles.has_sprung(mark)) == (422, False)
    assert "which can run code" in text
    assert not CustomModel.objects.exists()


def test_nobody_is_sent_to_the_login_page(client: Client) -> None:
    assert client.get(reverse(URL)).status_code == 302


def test_a_body_that_is_too_long_is_refused_before_it_is_read(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lora_checks, "FILE_MAX_BYTES", 1_000_000)
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(user)
    body = {"name": "Ink", "file": SimpleUploadedFile("ink.safetensors", bytes(1_100_000))}
    response = careful.post(reverse(URL), body)
    assert response.status_code == 413
    assert "1 MB are the most a file may have." in response.content.decode()
    assert response.wsgi_request._read_started is False  # type: ignore[attr-defined]

    body["file"] = SimpleUploadedFile("ink.safetensors", b"x" * 100)
    assert careful.post(reverse(URL), body).status_code == 403  # the token is asked for all the same
