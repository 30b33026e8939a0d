import io
import zipfile
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from generation.models import Image
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
