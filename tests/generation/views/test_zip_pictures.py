import io
import zipfile
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from generation import shelving, zips
from generation.models import Image
from tests.generation.pictures import draw
from tests.generation.runs import finished, make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/library/zip/"


@pytest.fixture
def image() -> Image:
    made = finished(make_person(), num_images=1).images.select_related("user").get()
    default_storage.save(made.file, ContentFile(b"a picture"))
    return made


def unpacked(answer: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_anonymous_people_log_in_first(image: Image) -> None:
    assert_sent_to_login(visitor().post(PAGE, {"picture": str(image.pk)}), "/create/")


def test_the_owner_gets_a_zip_and_a_stranger_an_empty_one(image: Image) -> None:
    answer = visitor(image.user).post(PAGE, {"picture": str(image.pk)})

    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="pictures-20')
    assert len(unpacked(answer).namelist()) == 1
    stranger = visitor(make_person("bob@example.com"))
    assert unpacked(stranger.post(PAGE, {"picture": str(image.pk)})).namelist() == []


def test_nothing_selected_is_said(image: Image) -> None:
    assert "Select at least one picture." in words(visitor(image.user).post(PAGE, follow=True))


def test_the_files_that_are_wanted_come(image: Image) -> None:
    """As single downloads have them: original, with recipe, clean."""
    drawn = draw(image.user, prompt="a secret fox")
    client, sent = visitor(image.user), {"picture": str(drawn.pk)}

    names = {way: unpacked(client.post(PAGE, {**sent, "files": way})).namelist() for way in zips.WAYS}

    name = zips.name_of(drawn, drawn.file)
    assert names == {
        "original": [name],
        "recipe": [name, name.replace(".png", ".json")],
        "clean": ["picture-0001.png"],
    }


def test_files_that_are_none_are_refused_by_name(image: Image) -> None:
    sent = {"picture": str(image.pk), "files": "<raw>"}

    page = words(visitor(image.user).post(PAGE, sent, follow=True))

    assert "“&lt;raw&gt;” is not a way to save a picture; choose from original, recipe, clean." in page


def test_a_zip_of_everything_lists_what_is_deleted_while_it_is_made(
    image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "_CHUNK", 1)
    images = [draw(image.user, prompt="an owl", seed=seed) for seed in (1, 2, 3)]
    answer: Any = visitor(image.user).post(PAGE, {"everything": "1", "query": "q=owl"})
    blocks = iter(answer.streaming_content)
    first = next(blocks)
    shelving.delete(Image.objects.filter(user=image.user))

    archive = zipfile.ZipFile(io.BytesIO(first + b"".join(blocks)))

    assert archive.testzip() is None
    assert archive.namelist() == [zips.name_of(images[2], images[2].file), zips.MISSING_NAME]
    missing = archive.read(zips.MISSING_NAME).decode().splitlines()[1:]
    assert missing == [zips.name_of(one, one.file) for one in (images[1], images[0])]
