import gzip
from collections.abc import Callable
from urllib.parse import urlencode

import brotli
import pytest
from django.test import Client
from django.utils import timezone

from generation import lifecycle
from generation.models import Job
from getimg_site import page_transfer
from tests.generation.pictures import draw
from tests.generation.runs import make_person, submit
from tests.security.test_url_matrix import say_password

pytestmark = pytest.mark.django_db

ALL = {"Accept-Encoding": "gzip, deflate, br"}
NO_BROTLI = {"Accept-Encoding": "gzip, deflate, br;q=0"}


def signed_in() -> Client:
    client = Client()
    client.force_login(make_person())
    return client


def again(client: Client, path: str) -> int:
    """Open a page twice, the second time as a browser that kept it; returns the second status."""
    tag = client.get(path).headers.get("ETag", "")
    return client.get(path, headers={"If-None-Match": tag}).status_code


# --- Compressed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken", "encoding", "unpack"), [(ALL, "br", brotli.decompress), (NO_BROTLI, "gzip", gzip.decompress)]
)
def test_a_page_travels_compressed_to_who_takes_it_so(
    taken: dict[str, str], encoding: str, unpack: Callable[[bytes], bytes]
) -> None:
    client = Client()
    plain = client.get("/pricing/")

    packed = client.get("/pricing/", headers=taken)

    assert packed.headers["Content-Encoding"] == encoding
    assert packed.headers["Content-Length"] == str(len(packed.content))
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Content-Encoding" not in plain.headers
    assert len(packed.content) < len(plain.content) / 3
    assert b"</html>" in unpack(packed.content)


@pytest.mark.parametrize("taken", [ALL, NO_BROTLI])
def test_lengths_tell_no_two_answers_apart(taken: dict[str, str]) -> None:
    client = Client()

    lengths = {len(client.get("/terms/", headers=taken).content) for _ in range(12)}

    assert len(lengths) > 1


@pytest.mark.parametrize("count", [0, 1, 63, 99])
def test_what_blurs_a_length_is_skipped_by_who_reads(count: int) -> None:
    packer = brotli.Compressor()
    parts = [packer.process(b"a fox"), packer.flush(), page_transfer._skipped(count), packer.finish()]

    assert brotli.decompress(b"".join(parts)) == b"a fox"


def test_what_is_streamed_and_what_is_a_picture_goes_as_it_is() -> None:
    person = make_person()
    image = draw(person)
    client = Client()
    client.force_login(person)
    say_password(client, person)
    page = client.get(f"/pictures/{image.pk}/").content.decode()
    picture = page.partition('src="/media/')[2].partition('"')[0].replace("&amp;", "&")

    table, file = (
        client.get("/settings/billing/credits.csv", headers=ALL),
        client.get(f"/media/{picture}", headers=ALL),
    )

    for answer in (table, file):
        assert (answer.status_code, answer.streaming) == (200, True)
        assert "Content-Encoding" not in answer.headers


# --- Unchanged --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/pricing/", "/docs/", "/faq/", "/guides/steps/"])
def test_a_visitors_page_that_is_as_the_browser_has_it_is_not_sent_again(path: str) -> None:
    assert again(Client(), path) == 304


@pytest.mark.parametrize("path", ["/library/", "/models/", "/pricing/"])
def test_nor_is_that_of_who_is_signed_in(path: str) -> None:
    assert again(signed_in(), path) == 304


def test_create_is_not_sent_again_until_its_reader_has_sent_a_run() -> None:
    person = make_person()
    client = Client()
    client.force_login(person)
    tag = client.get("/create/").headers["ETag"]
    assert client.get("/create/", headers={"If-None-Match": tag}).status_code == 304

    run = submit(person)
    # Nothing of it is to be seen, and the key that it was sent with is used.
    lifecycle.cancel(run)
    Job.objects.filter(pk=run.pk).update(deleted_at=timezone.now())

    assert client.get("/create/", headers={"If-None-Match": tag}).status_code == 200


def test_nobody_can_write_that_a_page_says_which_run_was_sent_last() -> None:
    person = make_person()
    client = Client()
    client.force_login(person)
    path = "/edit/?" + urlencode({"prompt": '<div class="studio" data-newest-run="">'})

    assert again(client, path) == 200


def test_a_page_whose_form_still_works_is_what_the_browser_keeps() -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/report-a-bug/")
    token = page.content.decode().partition('csrfmiddlewaretoken" value="')[2][:64]
    tag = page.headers["ETag"]
    assert client.get("/report-a-bug/", headers={"If-None-Match": tag}).status_code == 304

    sent = client.post("/report-a-bug/", {"csrfmiddlewaretoken": token})

    assert sent.status_code != 403


def test_after_a_new_secret_an_old_page_is_not_kept_on() -> None:
    client = Client()
    tag = client.get("/report-a-bug/").headers["ETag"]
    del client.cookies["csrftoken"]  # as a log-in would change it

    assert client.get("/report-a-bug/", headers={"If-None-Match": tag}).status_code == 200


def test_what_changed_is_sent() -> None:
    person = make_person()
    client = Client()
    client.force_login(person)
    tag = client.get("/library/").headers["ETag"]

    draw(person)

    assert client.get("/library/", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", ["/settings/billing/", "/settings/api-keys/", "/accounts/email/"])
def test_what_is_not_to_be_kept_has_no_tag(path: str) -> None:
    person = make_person()
    client = Client()
    client.force_login(person)
    say_password(client, person)

    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] in (
        "private, no-store",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert "ETag" not in answer.headers


def test_no_two_people_share_a_tag() -> None:
    tags = {client.get("/pricing/").headers["ETag"] for client in (Client(), signed_in())}

    assert len(tags) == 2


def test_a_refused_page_has_no_tag() -> None:
    assert "ETag" not in Client().get("/nowhere/").headers
