from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from generation import custom_models
from generation.models import CustomModel, CustomModelPicture, Upload
from tests.factories import make_user
from tests.generation.runs import make_person
from tests.generation.scenery import scene
from tests.generation.trained import draft, training
from tests.generation.uploads import brought, png_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def user(client: Client) -> User:
    person = make_person()
    client.force_login(person)
    return person


def send(client: Client, name: str, model: CustomModel, body: Any, *more: object) -> Any:
    return client.post(reverse(f"generation:{name}", args=[model.pk, *more]), body, headers=HTMX)


def words(**changes: str) -> dict[str, str]:
    return {"name": "Toy", "subject_class": "object", "trigger_word": "zwerg", "base_model": "starter", **changes}


def test_what_is_right_is_kept_and_what_is_not_is_said_at_its_field(client: Client, user: User) -> None:
    model = draft(user)
    text = send(client, "save_draft", model, words(name="Teapot", trigger_word="house")).content.decode()
    assert "is a common word" in text
    model.refresh_from_db()
    assert (model.name, model.trigger_word) == ("Teapot", "zwerg")


def test_consent_is_kept_for_a_person_and_goes_with_the_tick(client: Client, user: User) -> None:
    model = draft(user)
    send(client, "save_draft", model, words(subject_class="person", consent="1"))
    model.refresh_from_db()
    assert model.consented_at is not None
    assert "has agreed that I train a model" in model.consent_text
    send(client, "save_draft", model, words(subject_class="person"))
    model.refresh_from_db()
    assert CustomModel.objects.get(consented_at=None).consent_text == ""


def test_consent_is_asked_for_again_when_a_picture_is_added_later(client: Client, user: User) -> None:
    model = draft(user, 1)
    send(client, "save_draft", model, words(subject_class="person", consent="1"))
    send(client, "add_pictures", model, {"upload": str(model.pictures.get().upload.pk)})  # it was there
    assert CustomModel.objects.get().consented_at is not None

    send(client, "add_pictures", model, {"upload": str(brought(user, 256, 256, 9).pk)})

    after = CustomModel.objects.get()
    assert (after.consented_at, after.consent_text) == (None, "")
    page = client.get(reverse("generation:model", args=[model.pk])).content.decode()
    assert 'name="consent" value="1">' in page


def test_uploads_are_added_once_and_shown_with_their_problems(client: Client, user: User) -> None:
    model = draft(user)
    upload = brought(user, 60, 60)
    text = send(client, "add_pictures", model, {"upload": [str(upload.pk), str(upload.pk)]}).content.decode()
    assert CustomModelPicture.objects.get().upload == upload
    assert "Too small: 60 × 60 pixels" in text
    assert "1 picture to mend" in text


def test_files_are_taken_through_the_uploads_own_door(client: Client, user: User) -> None:
    model = draft(user)
    good = SimpleUploadedFile("good.png", png_of(scene(1)), "image/png")
    bad = SimpleUploadedFile("bad.png", b"MZ this is a program", "image/png")
    text = send(client, "add_pictures", model, {"file": [good, bad]}).content.decode()
    assert model.pictures.count() == 1
    assert "bad.png: This is not a PNG, JPEG or WebP picture." in text
    plain = client.post(
        reverse("generation:add_pictures", args=[model.pk]), {"file": SimpleUploadedFile("x.gif", b"GIF")}
    )
    assert plain["Location"] == reverse("generation:model", args=[model.pk])


def test_anothers_upload_is_not_there(client: Client, user: User) -> None:
    model = draft(user)
    theirs = brought(make_user())
    text = send(client, "add_pictures", model, {"upload": str(theirs.pk)}).content.decode()
    assert "It is not there any more" in text
    assert model.pictures.count() == 0


def test_a_picture_is_taken_out_and_its_twin_is_mended(client: Client, user: User) -> None:
    model = draft(user)
    for picture in (scene(1), scene(1, 299)):
        send(client, "add_pictures", model, {"file": SimpleUploadedFile("a.png", png_of(picture))})
    twin = model.pictures.all()[1]
    text = send(client, "remove_picture", model, {}, twin.pk).content.decode()
    assert "1 · 5 to 30 are needed" in text
    assert "to mend" not in text


def test_a_model_in_training_is_changed_no_more(client: Client, user: User) -> None:
    model = training(user, 1)
    send(client, "save_draft", model, words(name="Other"))
    assert (
        "was deleted or changed meanwhile"
        in send(client, "remove_picture", model, {}, model.pictures.get().pk).content.decode()
    )
    model.refresh_from_db()
    assert (model.name, model.pictures.count()) == ("My toy", 1)


@pytest.mark.parametrize("name", ["save_draft", "add_pictures", "remove_picture"])
def test_a_stranger_gets_a_404_and_nobody_the_login_page(client: Client, user: User, name: str) -> None:
    model = draft(make_user(), 1)
    more = [model.pictures.get().pk] if name == "remove_picture" else []
    assert send(client, name, model, {}, *more).status_code == 404
    assert Client().post(reverse(f"generation:{name}", args=[model.pk, *more])).status_code == 302
    assert model.pictures.count() == 1


def test_a_caption_is_kept_and_shown_and_too_long_a_one_refused(client: Client, user: User) -> None:
    model = draft(user, 1)
    picture = model.pictures.get()
    text = send(client, "caption_picture", model, {"caption": " on a  beach "}, picture.pk).content.decode()
    assert 'value="on a beach"' in text
    assert model.pictures.get().caption == "on a beach"

    text = send(client, "caption_picture", model, {"caption": "a \x00 beach"}, picture.pk).content.decode()
    assert "null character" in text
    text = send(client, "caption_picture", model, {"caption": "x" * 201}, picture.pk).content.decode()
    assert "These words have 201 characters; 200 are the most." in text
    assert model.pictures.get().caption == "on a beach"


def test_a_caption_of_anothers_picture_or_of_a_model_in_training_stays(client: Client, user: User) -> None:
    theirs = draft(make_person("eve@example.com"), 1)
    assert send(client, "caption_picture", theirs, {"caption": "x"}, theirs.pictures.get().pk).status_code == 404
    model = training(user, 1)
    text = send(client, "caption_picture", model, {"caption": "x"}, model.pictures.get().pk).content.decode()
    assert "deleted or changed meanwhile" in text
    assert model.pictures.get().caption == ""


def test_files_stop_at_the_most_a_model_learns_from_and_at_so_many_a_minute(
    client: Client, user: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def files() -> dict[str, list[SimpleUploadedFile]]:
        return {"file": [SimpleUploadedFile(f"{seed}.png", png_of(scene(seed))) for seed in range(4)]}

    settings.ACCOUNT_RATE_LIMITS = {"upload": "4/m/user"}
    monkeypatch.setattr(custom_models, "PICTURES_MAX", 2)
    text = send(client, "add_pictures", draft(user), files()).content.decode()
    assert "2.png: A model learns from at most 2 pictures" in text
    assert "3.png" not in text
    assert Upload.objects.filter(user=user).count() == 2

    text = send(client, "add_pictures", draft(user, trigger_word="other"), files()).content.decode()
    assert "1.png: These were many pictures at once" in text
    assert "2.png" not in text
