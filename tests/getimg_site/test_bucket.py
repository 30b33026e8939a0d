"""Pages let browsers show what a link to a file leads to, wherever the bucket is."""

from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings

from generation import storage
from tests.environments import keep_files
from tests.visitors import visitor

pytestmark = pytest.mark.django_db
OWN = {"'self'"}
PICTURES = {*OWN, "data:"}


def sources(directive: str) -> set[str]:
    """Return what a page may load of a kind."""
    policy = visitor().get("/faq/")["Content-Security-Policy"]
    return set(dict(part.strip().split(" ", 1) for part in policy.split(";"))[directive].split())


@pytest.mark.parametrize(
    ("endpoint_url", "region", "name", "origin"),
    [
        ("http://127.0.0.1:8333", "us-east-1", "media", "http://127.0.0.1:8333"),
        ("https://pictures.example:9000/", "eu-central-1", "media", "https://pictures.example:9000"),
        ("https://pictures.example/store", "auto", "media", "https://pictures.example"),
        ("", "us-east-1", "media", "https://s3.amazonaws.com"),
        ("", "aws-global", "media", "https://s3.amazonaws.com"),
        ("", "eu-central-1", "media", "https://s3.eu-central-1.amazonaws.com"),
        ("", "us-west-2", "media.of.example", "https://s3.us-west-2.amazonaws.com"),
        ("", "us-gov-west-1", "media", "https://s3.us-gov-west-1.amazonaws.com"),
        ("", "cn-north-1", "media", "https://s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_a_page_may_show_what_a_link_to_a_file_leads_to(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings, endpoint_url: str, region: str, name: str, origin: str
) -> None:
    bucket = {"S3_BUCKET": name, "S3_ENDPOINT_URL": endpoint_url, "S3_REGION": region}
    keep_files(monkeypatch, settings, **bucket, S3_ACCESS_KEY="an-access-key", S3_SECRET_KEY="a-secret-key")

    target = urlsplit(visitor().get(storage.signed_url("pictures/ab/mine/original.png"))["Location"])

    assert f"{target.scheme}://{target.netloc}" == origin
    assert sources("img-src") == PICTURES | {origin}
    assert sources("media-src") == OWN | {origin}


def test_other_origins_stand_beside_the_buckets(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    bucket = {"S3_BUCKET": "media", "S3_ENDPOINT_URL": "https://pictures.example"}
    keep_files(monkeypatch, settings, **bucket, MEDIA_ORIGINS="https://cdn.example")
    beside = {"https://pictures.example", "https://cdn.example"}
    assert sources("img-src") == PICTURES | beside
    assert sources("media-src") == OWN | beside


def test_without_a_bucket_pages_show_their_own_alone(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    keep_files(monkeypatch, settings, S3_BUCKET="", S3_ENDPOINT_URL="https://pictures.example")
    assert sources("img-src") == PICTURES
    assert sources("media-src") == OWN
