"""Scripts in what people type are text wherever it is shown: pages, parts of pages, previews, JSON, mails, file names.

Read as HTML here, on every run; `tests/browser/test_hostile_words.py` opens the pages in Chromium.
"""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import api_keys, notifications
from accounts.models import User
from generation import expiry_mail, gallery, moderation_queue, report_mail, run_mail, showcase
from generation.models import Image, ModerationCase
from tests.generation.pictures import draw, put_on
from tests.generation.planted import plant
from tests.generation.runs import make_person
from tests.visitors import HTMX, visitor

pytestmark = pytest.mark.django_db

# Leaves an attribute, an element, a comment and a string of a script.
HOSTILE = (
    """'"></title></textarea>--><img class=planted src=x onerror="hacked()"><script class=planted>hacked()</script>"""
)
TAG = '"><b class=planted>'


class Reader(HTMLParser):
    """Reads a page: what was planted in it, what its previews say, what it tells search engines."""

    def __init__(self) -> None:
        super().__init__()
        self.planted: list[str] = []
        self.previews: dict[str, str] = {}
        self.told: list[str] = []
        self._is_told = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        found = dict(attrs)
        if "planted" in (found.get("class") or "") or any(name.startswith("on") for name in found):
            self.planted.append(f"{tag} {found}")
        if tag == "meta":
            self.previews[found.get("property") or found.get("name") or ""] = found.get("content") or ""
        self._is_told = tag == "script" and found.get("type") == "application/ld+json"

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        self._is_told = False

    def handle_data(self, data: str) -> None:
        """Keep what is told to search engines."""
        if self._is_told:
            self.told.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@pytest.fixture
def image() -> Image:
    """Return a picture with hostile words wherever its owner may write some."""
    return plant(make_person(), text=HOSTILE, name=TAG)


def harmless(client: Client, paths: list[str], **sent: str) -> list[Reader]:
    """Open pages; nothing that was typed is a part of one."""
    readers = []
    for path in paths:
        answer = client.get(path, headers=sent)
        assert answer.status_code == 200, path
        reader = read(answer.content.decode())
        assert not reader.planted, path
        readers.append(reader)
    return readers


def test_the_reader_finds_what_is_planted() -> None:
    assert len(read(f"<p title='{HOSTILE}'>").planted) == 2
    assert len(read(f"<p>{TAG}</p>").planted) == 1


def test_the_owner_reads_it_as_text_on_pages_and_in_parts_of_them(image: Image) -> None:
    user = image.user
    second, gone = draw(user, prompt=HOSTILE), draw(user, prompt=HOSTILE)
    gallery.delete(gone)
    client, last = visitor(user), f"before={'f' * 8}-ffff-7fff-bfff-{'f' * 12}"
    pages = [
        *("/library/", f"/library/?tag={TAG}&q={TAG}", "/library/trash/", "/library/tags/", "/create/", "/models/"),
        *(f"/pictures/{image.pk}/", f"/library/compare/{image.pk}/{second.pk}/", f"/create/runs/{image.job_id}/"),
        *(f"/edit/{image.pk}/", f"/video/{image.pk}/", "/edit/pictures/", f"/create/?from={image.pk}"),
        *("/settings/profile/", "/settings/your-data/", f"/verify/?picture={image.pk}"),
    ]
    harmless(client, pages)
    harmless(client, [f"/library/?{last}", f"/library/trash/?{last}", f"/library/?q={TAG}"], **HTMX)
    for action in ("tag", "favour", "delete"):
        sent = {"picture": str(second.pk), "action": action, "tags": TAG}
        assert not read(client.post("/library/act/", sent, headers=HTMX).content.decode()).planted


def test_strangers_and_previews_of_links_get_it_as_text(image: Image, settings: Settings) -> None:
    settings.SHOWCASE = True
    shown = showcase.publish(image, is_listed=True, shows_recipe=True)
    pages = ["/showcase/", f"/showcase/?tag={TAG}", "/showcase/tags/", f"/showcase/by/{image.user_id}/"]

    *_, author, picture = harmless(visitor(), [*pages, f"/s/{shown.token}/"])

    assert picture.previews["og:title"].startswith(HOSTILE[:50])
    assert picture.previews["og:image:alt"].startswith(HOSTILE[:50])
    assert author.previews["og:title"].startswith(TAG)
    for reader in (author, picture):
        assert reader.told
        assert all(json.loads(text) for text in reader.told)
    harmless(visitor(make_person("bob@example.com")), [f"/create/?remix={shown.token}"])


def test_operators_get_it_as_text(image: Image) -> None:
    shown = showcase.publish(image, is_listed=False, shows_recipe=True)
    showcase.report(shown, None, {"reason": "hate", "words": HOSTILE})
    case = ModerationCase.objects.get()
    operator = visitor(User.objects.create_superuser("operator@example.com", "correct horse battery"))
    lists = [f"/admin/{name}/" for name in ("accounts/user", "generation/job", "generation/report")]
    pages = ["/admin/", *lists, "/admin/generation/moderationcase/"]
    pages += [f"/admin/generation/moderationcase/{case.pk}/change/", f"/admin/generation/job/{image.job_id}/change/"]
    found = [read(operator.get(path).content.decode()).planted for path in pages]
    # Django's own lists have handlers in their pages; what was planted has a class.
    assert not [one for planted in found for one in planted if "planted" in one]


def test_json_is_json_and_no_browser_takes_it_for_a_page(image: Image) -> None:
    image.job.product = "api"
    image.job.save(update_fields=["product"])
    _, key = api_keys.create(image.user, name=TAG)
    client, bearer = visitor(image.user), {"Authorization": f"Bearer {key}"}
    answers = [
        visitor().get(f"/v1/diffusions/{image.job_id}", headers=bearer),
        visitor().get("/v1/diffusions", headers=bearer),
        client.get(f"/pictures/{image.pk}/manifest.json"),
        client.get(f"/pictures/{image.pk}/certificate.json"),
    ]

    for answer in answers:
        assert answer.status_code == 200
        assert answer["Content-Type"].partition(";")[0] == "application/json"
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert HOSTILE in texts(answers[0].json())
    assert answers[2].json()["prompt"] == HOSTILE


def texts(value: Any) -> list[str]:
    """Return every text in a JSON value."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return [text for part in parts for text in texts(part)]
    return [value] if isinstance(value, str) else []


def test_mails_hold_it_as_text(image: Image) -> None:
    user, bob = image.user, make_person("bob@example.com")
    User.objects.filter(pk=bob.pk).update(display_name=TAG)
    notifications.choose(user, notifications.PAIRS)
    draw(user, prompt=HOSTILE)
    run_mail.tell_runs(timezone.now() + timedelta(minutes=1))
    put_on(user, "free")
    user.wallets.update(plan_since=None, pictures_kept_until=None)
    Image.objects.filter(user=user).update(created_at=timezone.now() - timedelta(days=89))
    expiry_mail.send_due()
    shown = showcase.publish(image, is_listed=False, shows_recipe=True)
    showcase.report(shown, bob, {"reason": "hate", "words": HOSTILE})
    operator = User.objects.create_superuser("operator@example.com", "correct horse battery")
    moderation_queue.decide(ModerationCase.objects.get(), operator, allows=False, reason=HOSTILE)
    report_mail.tell_reporters(timezone.now() + timedelta(minutes=1))

    sent = [message for message in mail.outbox if isinstance(message, EmailMultiAlternatives)]
    assert len(sent) >= 4
    for message in sent:
        assert "\n" not in message.subject
        [(html, _)] = [(str(one[0]), one[1]) for one in message.alternatives if one[1] == "text/html"]
        assert not read(html).planted, message.subject
        assert TAG in str(message.body), "plain text is as it was typed"


def test_names_of_files_hold_none_of_it(image: Image) -> None:
    client = visitor(image.user)
    paths = [f"/pictures/{image.pk}/download/", f"/pictures/{image.pk}/download/recipe/png/"]
    paths += [f"/pictures/{image.pk}/certificate.pdf", f"/pictures/{image.pk}/manifest.json"]
    for path in paths:
        named = client.get(path).get("Content-Disposition", "")
        assert re.fullmatch(r'(|attachment; filename="[a-z0-9.-]+")', named), named
