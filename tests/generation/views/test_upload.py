import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Pillow
from pytest_django import Settings

from generation.models import Upload
from tests.generation.runs import make_person
from tests.generation.uploads import photograph, png_of
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db

ADDRESS = "/uploads/"


def send(client: Client, content: bytes, **fields: str) -> Any:
    file = SimpleUploadedFile("holiday.png", content, "image/png")
    return client.post(ADDRESS, {"file": file, **fields})


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(send(visitor(), png_of(photograph())), "/create/")
    assert not Upload.objects.exists()


def test_a_picture_is_kept_and_its_facts_are_told() -> None:
    user = make_person()

    answer = send(visitor(user), png_of(photograph(50, 40)))

    upload = Upload.objects.get(user=user)
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(upload.pk),
        "ref": f"upload:{upload.pk}",
        "url": f"/uploads/{upload.pk}/file",
        "width": 50,
        "height": 40,
        "sha256": upload.sha256,
    }
    assert upload.kind == Upload.Kind.PICTURE


def test_the_same_picture_is_kept_once_a_person_whatever_its_file_says() -> None:
    user = make_person()
    client = visitor(user)
    first = send(client, png_of(photograph()))
    webp = io.BytesIO()
    photograph().save(webp, "WEBP", lossless=True)

    again = send(client, webp.getvalue())
    send(visitor(make_person("bob@example.com")), png_of(photograph()))

    assert (again.status_code, again.json()) == (200, first.json())
    assert (Upload.objects.filter(user=user).count(), Upload.objects.count()) == (1, 2)


def test_a_mask_is_kept_as_a_mask() -> None:
    user = make_person()

    send(visitor(user), png_of(Pillow.new("RGB", (8, 8), (255, 255, 255))), kind="mask")

    mask = Upload.objects.get(user=user)
    assert (mask.kind, mask.darkest, mask.lightest) == (Upload.Kind.MASK, 255, 255)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"GIF89a", 415, "not_a_picture"), (png_of(photograph())[:-3000], 422, "damaged"), (b"", 415, "not_a_picture")],
)
def test_what_is_no_picture_is_refused_with_a_reason(content: bytes, status: int, code: str) -> None:
    answer = send(visitor(make_person()), content)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"].endswith(".")
    assert not Upload.objects.exists()


def test_no_file_too_large_a_file_and_a_full_quota_are_refused(settings: Settings) -> None:
    client = visitor(make_person())
    assert client.post(ADDRESS, {}).json()["error"]["code"] == "missing_field"
    settings.UPLOAD_QUOTA_BYTES = 1000
    full = send(client, png_of(photograph()))
    assert (full.status_code, full.json()["error"]["code"]) == (429, "quota_reached")
    settings.INPUT_IMAGE_MAX_BYTES = 1000
    large = send(client, bytes(80_000))
    assert (large.status_code, large.json()["error"]["code"]) == (413, "file_too_large")


def test_so_many_a_minute(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"upload": "2/m/user"}
    client = visitor(make_person())
    statuses = [send(client, png_of(photograph(40, 40, seed))).status_code for seed in range(3)]
    assert statuses == [201, 201, 429]


def test_a_foreign_page_cannot_send_one() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_person())

    assert send(client, png_of(photograph())).status_code == 403


def test_opening_the_address_is_no_upload() -> None:
    assert visitor(make_person()).get(ADDRESS).status_code == 405
