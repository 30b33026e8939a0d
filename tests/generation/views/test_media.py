import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from generation import storage
from tests.generation.runs import make_person


@pytest.fixture
def key() -> str:
    return default_storage.save("pictures/test/original.png", ContentFile(b"pixels"))


def test_the_link_is_the_permission(client: Client, key: str) -> None:
    """A page gives links to those who may see; the link itself asks nobody, so that a cache may keep it."""
    response = client.get(storage.signed_url(key))

    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"pixels"  # type: ignore[attr-defined]
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_being_signed_in_opens_no_unsigned_file(client: Client, key: str) -> None:
    client.force_login(make_person())

    assert client.get(f"/media/9999999999/{'0' * 32}/{key}").status_code == 404


def test_a_file_that_is_gone_is_not_found(client: Client) -> None:
    assert client.get(storage.signed_url("pictures/gone/original.png")).status_code == 404


def test_no_link_leads_out_of_the_store(client: Client) -> None:
    assert client.get(storage.signed_url("../secret_key")).status_code in (400, 404)
