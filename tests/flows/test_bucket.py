"""Pictures in a bucket, chosen by environment alone: stored by the worker, served by a signed redirect."""

import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import IO

import pytest
from django.conf import settings

from generation import lifecycle, showcase, storage
from generation.models import Image
from tests.flows.clusters import gpu_cluster, wait_until_ended
from tests.generation.runs import claim, finished, make_person, pictures, submit
from tests.processes import Server, running
from tests.rules.tree import ROOT
from tests.services import S3Server


@pytest.fixture
def in_bucket(child_environment: dict[str, str], s3: S3Server) -> dict[str, str]:
    """Return the environment of a child that keeps its pictures in the bucket."""
    # DEBUG: the site's own pages, such as the one for an error, need no collected static files then.
    return {**child_environment, **s3.environment(), "DEBUG": "1"}


@pytest.fixture
def picture(in_bucket: dict[str, str], tmp_path: Path) -> Image:
    """Return a picture that a worker has drawn and stored in the bucket."""
    job = submit(make_person())
    with gpu_cluster(in_bucket, tmp_path, ENGINE_NOOP_SECONDS="0"):
        wait_until_ended(job)
    return Image.objects.get(job=job)


@pytest.fixture
def site(in_bucket: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Yield the address of the site, which runs in a process of its own."""
    server = Server(
        name="the site",
        command=lambda port: [sys.executable, str(ROOT / "manage.py"), "runserver", "--noreload", f"127.0.0.1:{port}"],
        answers=lambda port: _status(f"http://127.0.0.1:{port}/healthz") == 200,
        environment=in_bucket,
    )
    with running(server, tmp_path) as port:
        yield f"http://127.0.0.1:{port}"


def test_a_picture_is_stored_in_the_bucket_and_served_by_a_link_that_cannot_be_changed(
    picture: Image, s3: S3Server, site: str
) -> None:
    bucket = s3.client()
    stored = {key: bucket.get_object(Bucket=s3.bucket, Key=key)["Body"].read() for key in picture.files}
    assert len(stored[picture.file]) == picture.size_bytes

    for key, content in stored.items():
        redirect = _open(site + storage.signed_url(key))
        assert redirect.status == 302
        target = redirect.headers["Location"]
        assert target.startswith(s3.endpoint_url)
        assert _open(target).content == content

    # A link that was changed leads nowhere, neither the site's nor the bucket's own.
    link = storage.signed_url(picture.file)
    target = _open(site + link).headers["Location"]
    assert _status(site + link.replace("original.png", "640.webp")) == 404
    assert _status(target.replace("original.png", "640.webp")) == 403
    assert _status(target.split("?")[0]) == 403


def test_what_is_shown_no_more_stops_within_minutes(in_bucket: dict[str, str], s3: S3Server, site: str) -> None:
    image = finished(make_person(), num_images=1).images.get()
    s3.client().put_object(Bucket=s3.bucket, Key=image.file, Body=b"a picture")
    shown = showcase.publish(image, is_listed=False, shows_recipe=True)
    page = _open(f"{site}/s/{shown.token}/").content.decode()
    (link,) = re.findall(r"/media/shown/[^\"]+", page)

    redirect = _open(site + link)
    target = redirect.headers["Location"]
    assert _expires_in(target) == 300
    assert redirect.headers["Cache-Control"] == "private, max-age=240"
    assert _open(target).content == b"a picture"
    assert _open(target).headers["Cache-Control"] == "private, max-age=240"

    showcase.withdraw(image)
    again = _open(site + link)
    assert (again.status, again.headers["Cache-Control"]) == (404, "no-store")


def test_an_owners_link_leads_to_the_bucket_for_as_long_as_it_works_itself(
    in_bucket: dict[str, str], s3: S3Server, site: str
) -> None:
    link = storage.signed_url("pictures/ab/mine/original.png")
    redirect = _open(site + link)

    left = int(link.split("/")[2]) - time.time()
    assert left - 60 < _expires_in(redirect.headers["Location"]) <= left + 60
    assert redirect.headers["Cache-Control"] == f"private, max-age={settings.MEDIA_LINK_SECONDS}, immutable"


def test_a_picture_that_is_removed_is_gone_from_the_bucket(in_bucket: dict[str, str], s3: S3Server) -> None:
    submit(make_person())
    job = claim().jobs[0]
    picture = pictures(job, 0)[0]
    lifecycle.finish(job, job.attempt, [picture])
    for key in picture.files:
        s3.client().put_object(Bucket=s3.bucket, Key=key, Body=b"a picture")
    purge = (
        "from generation import housekeeping; from generation.models import Image; "
        "from django.utils import timezone; from datetime import timedelta; "
        "Image.objects.update(deleted_at=timezone.now() - timedelta(days=31)); print(housekeeping.purge_deleted())"
    )

    subprocess.run([sys.executable, "manage.py", "shell", "-c", purge], cwd=ROOT, env=in_bucket, check=True, timeout=60)

    assert s3.client().list_objects_v2(Bucket=s3.bucket, Prefix=str(Path(picture.file).parent))["KeyCount"] == 0
    assert list(Image.objects.values_list("file", flat=True)) == [""]


class _Answer:
    """What a server said; a redirect is an answer, not a way to go."""

    def __init__(self, status: int, headers: Message, content: bytes) -> None:
        self.status, self.headers, self.content = status, headers, content


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> None:
        return None


def _open(url: str) -> _Answer:
    try:
        with urllib.request.build_opener(_NoRedirect).open(url, timeout=30) as response:
            return _Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return _Answer(error.code, error.headers, error.read())


def _expires_in(target: str) -> int:
    """Return for how many seconds the bucket's own link works."""
    return int(urllib.parse.parse_qs(urllib.parse.urlsplit(target).query)["X-Amz-Expires"][0])


def _status(url: str) -> int:
    try:
        return _open(url).status
    except (urllib.error.URLError, ConnectionError):
        return 0
