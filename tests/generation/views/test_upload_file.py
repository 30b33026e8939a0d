import pytest
from django.core.files.storage import default_storage

from generation import uploads
from tests.generation.runs import make_person
from tests.generation.uploads import brought, photograph, png_of
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db


def test_the_owner_alone_gets_the_file() -> None:
    owner = make_person()
    upload = brought(owner)
    address = f"/uploads/{upload.pk}/file"

    answer = visitor(owner).get(address)

    assert b"".join(answer.streaming_content) == png_of_kept(upload.file)  # type: ignore[attr-defined]
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "private" in answer["Cache-Control"]
    assert visitor(make_person("eve@example.com")).get(address).status_code == 404
    assert_sent_to_login(visitor().get(address), address)


def png_of_kept(key: str) -> bytes:
    with default_storage.open(key) as file:
        return bytes(file.read())


def test_a_deleted_one_is_not_there() -> None:
    owner = make_person()
    upload = brought(owner)
    uploads.delete(upload)
    assert visitor(owner).get(f"/uploads/{upload.pk}/file").status_code == 404


def test_one_whose_file_is_gone_is_not_there() -> None:
    owner = make_person()
    upload = uploads.keep(owner, png_of(photograph())).upload
    default_storage.delete(upload.file)
    assert visitor(owner).get(f"/uploads/{upload.pk}/file").status_code == 404
