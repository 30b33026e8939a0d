import json

import pytest
from django.core.files.storage import default_storage

from generation import certificates, gallery
from generation.models import Image
from tests.generation.pictures import draw, put_on
from tests.generation.runs import make_person
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("kind", ["json", "pdf"])


@pytest.fixture
def image() -> Image:
    user = make_person()
    put_on(user, "pro")
    return draw(user)


def address(image: Image, kind: str) -> str:
    return f"/pictures/{image.pk}/certificate.{kind}"


@BOTH
def test_anonymous_people_log_in_first(image: Image, kind: str) -> None:
    assert_sent_to_login(visitor().get(address(image, kind)), address(image, kind))


@BOTH
def test_a_stranger_finds_nothing(image: Image, kind: str) -> None:
    assert visitor(make_person("bob@example.com")).get(address(image, kind)).status_code == 404


@BOTH
def test_a_deleted_picture_has_none(image: Image, kind: str) -> None:
    gallery.delete(image)

    assert visitor(image.user).get(address(image, kind)).status_code == 404


def test_the_owner_gets_the_signed_facts(image: Image) -> None:
    answer = visitor(image.user).get(address(image, "json"))

    assert json.loads(answer.content)["certificate"]["picture"]["sha256"] == image.sha256
    certificates.check(answer.content.decode())
    assert answer["Content-Disposition"] == f'attachment; filename="licence-{image.sha256[:12]}.json"'
    assert answer["Cache-Control"] == "private, no-store"


def test_the_owner_gets_the_page_to_print(image: Image) -> None:
    answer = visitor(image.user).get(address(image, "pdf"))

    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    certificates.check(certificates.in_file(answer.content))


def test_without_the_picture_there_is_no_page_but_still_the_facts(image: Image) -> None:
    default_storage.delete(image.thumbnail_640)

    assert visitor(image.user).get(address(image, "pdf")).status_code == 404
    assert visitor(image.user).get(address(image, "json")).status_code == 200
