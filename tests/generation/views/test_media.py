import pytest
from django.conf import LazySettings
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
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.django_db
def test_being_signed_in_opens_no_unsigned_file(client: Client, key: str) -> None:
    client.force_login(make_person())

    assert client.get(f"/media/9999999999/{'0' * 32}/{key}").status_code == 404


def test_a_file_that_is_gone_is_not_found(client: Client) -> None:
    assert client.get(storage.signed_url("pictures/gone/original.png")).status_code == 404


def test_a_link_that_leads_nowhere_is_kept_by_nobody_on_either_host(client: Client, settings: LazySettings) -> None:
    settings.API_HOST, settings.ALLOWED_HOSTS = "api.example.com", ["*"]
    link = storage.signed_url("pictures/gone/original.png")
    for host, kind in (("testserver", "text/html"), ("api.example.com", "application/problem+json")):
        answer = client.get(link, headers={"host": host})
        assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")
        assert answer["Content-Type"].startswith(kind)


def test_no_link_leads_out_of_the_store(client: Client) -> None:
    assert client.get(storage.signed_url("../secret_key")).status_code in (400, 404)


def part(client: Client, key: str, **headers: str) -> tuple[int, bytes, str]:
    """Return status, content and Content-Range of what is asked for by these headers."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    answer = client.get(storage.signed_url(key), headers=named)
    streamed = getattr(answer, "streaming_content", None)
    content = b"".join(streamed) if streamed is not None else answer.content
    assert answer.status_code == 416 or int(answer["Content-Length"]) == len(content)
    assert answer["Accept-Ranges"] == "bytes"
    return answer.status_code, content, answer.get("Content-Range", "")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-", (206, b"pixels", "bytes 0-5/6")),
        ("bytes=2-3", (206, b"xe", "bytes 2-3/6")),
        ("bytes=-2", (206, b"ls", "bytes 4-5/6")),
        ("bytes=4-400", (206, b"ls", "bytes 4-5/6")),
        ("bytes=6-", (416, b"", "bytes */6")),
        ("bytes=0-1,3-4", (200, b"pixels", "")),
        ("nonsense", (200, b"pixels", "")),
    ],
)
def test_a_browser_gets_the_part_that_it_asks_for(
    client: Client, key: str, asked: str, expected: tuple[int, bytes, str]
) -> None:
    assert part(client, key, Range=asked) == expected


def test_a_part_of_another_file_is_all_of_this(client: Client, key: str) -> None:
    tag = client.get(storage.signed_url(key))["ETag"]

    assert part(client, key, Range="bytes=0-1", If_Range=tag)[0] == 206
    assert part(client, key, Range="bytes=0-1", If_Range='"other"') == (200, b"pixels", "")


def test_a_part_keeps_the_kind_of_its_file(client: Client) -> None:
    key = default_storage.save("pictures/test/video.mp4", ContentFile(b"frames"))

    answer = client.get(storage.signed_url(key), headers={"Range": "bytes=0-1"})

    assert answer["Content-Type"] == "video/mp4"
    assert answer["X-Content-Type-Options"] == "nosniff"
