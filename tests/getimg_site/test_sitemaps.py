"""What search engines are told: addresses that anybody may open, each with a picture and one canonical address."""

import re
import uuid
from datetime import UTC, date, datetime

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import switches
from accounts.ids import first_id
from accounts.models import Feature, FeatureSwitch
from generation import showcase
from generation.models import Publication
from getimg_site import sitemaps
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def paths_in(path: str) -> list[str]:
    return re.findall(r"<loc>https?://[^/]+(/[^<]*)</loc>", words(visitor().get(path)))


def came(day: date, place: int = 0) -> Publication:
    """Return a picture that came into the showcase at noon of a day; `place` orders those of one."""
    shown = showcase.publish(draw(make_person(f"{uuid.uuid4().hex}@example.com")), is_listed=True, shows_recipe=True)
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    Publication.objects.filter(pk=shown.pk).update(place=uuid.UUID(int=first_id(moment).int + place))
    return shown


@pytest.fixture(autouse=True)
def _showcase(settings: LazySettings) -> None:
    settings.SHOWCASE = True


def test_every_address_is_open_to_anybody_and_may_be_found() -> None:
    shown = came(date(2026, 11, 2))
    files = paths_in("/sitemap.xml")
    paths = [path for file in files for path in paths_in(file)]

    assert files == ["/sitemap-pages.xml", "/sitemap-2026-11-02.xml"]
    assert {"/", "/pricing/", "/faq/", "/docs/", "/terms/", "/verify/"} <= set(paths)
    assert {"/guides/", "/guides/steps/", "/guides/inpaint/"} <= set(paths)
    assert {f"/s/{shown.token}/", f"/showcase/by/{shown.user_id}/"} <= set(paths)
    assert len(set(paths)) == len(paths)
    for path in paths:
        answer = visitor().get(path)
        assert answer.status_code == 200, path
        assert "X-Robots-Tag" not in answer, path
        assert 'name="robots"' not in words(answer), path


def test_what_is_somewhere_else_or_turned_off_is_not_told_of(settings: LazySettings) -> None:
    settings.FEATURE_REQUESTS_URL = "https://wishes.example.com/"
    FeatureSwitch.objects.create(feature=Feature.SIGN_UPS, state=FeatureSwitch.State.OFF, reason="Full")
    switches.memory.forget()

    assert not {"/wishes/", "/accounts/signup/"} & set(paths_in("/sitemap-pages.xml"))


def test_only_what_is_still_in_the_showcase_is_told_of(settings: LazySettings) -> None:
    kept, gone, alone = came(date(2026, 11, 2), 1), came(date(2026, 11, 2), 2), came(date(2026, 10, 31))
    showcase.take_down_image(gone.image)
    Publication.objects.filter(pk=alone.pk).update(place=None)

    assert paths_in("/sitemap.xml") == ["/sitemap-pages.xml", "/sitemap-2026-11-02.xml"]
    assert paths_in("/sitemap-2026-11-02.xml") == [f"/s/{kept.token}/", f"/showcase/by/{kept.user_id}/"]
    settings.SHOWCASE = False
    assert paths_in("/sitemap.xml") == ["/sitemap-pages.xml"]
    assert visitor().get("/sitemap-2026-11-02.xml").status_code == 404


@pytest.mark.parametrize("day", ["2026-10-31", "2026-13-01", "20261102x", "9999-12-31", "0001-01-01"])
def test_a_day_without_anything_and_what_is_no_day_have_no_file(day: str) -> None:
    came(date(2026, 11, 2))

    assert visitor().get(f"/sitemap-{day}.xml").status_code == 404


def test_days_are_found_one_by_one_and_each_file_by_its_part_of_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in range(3):
        came(date(2026, 11, 2), place)
    came(date(2026, 10, 31))
    came(date(2025, 1, 1))

    with CaptureQueriesContext(connection) as asked:
        assert sitemaps.days() == [date(2026, 11, 2), date(2026, 10, 31), date(2025, 1, 1)]
        assert len(sitemaps.shown(date(2026, 11, 2))) == 6
    assert len([query for query in asked if "generation_publication" in query["sql"]]) == 5
    assert not [query["sql"] for query in asked if "COUNT" in query["sql"] or "OFFSET" in query["sql"]]
    monkeypatch.setattr(sitemaps, "SHOWN_MAX", 2)
    monkeypatch.setattr(sitemaps, "DAYS_MAX", 2)
    assert len(sitemaps.days()) == 3, "kept"
    cache.clear()
    assert (len(sitemaps.shown(date(2026, 11, 2))), len(sitemaps.days())) == (4, 2)


def test_a_page_has_one_address_and_a_picture_to_share() -> None:
    page = words(visitor().get("/pricing/?by=year"))

    assert re.search(r'<link rel="canonical" href="https?://[^"]+/pricing/">', page)
    assert 'property="og:image"' in page


def test_a_link_to_a_page_says_what_is_on_that_page() -> None:
    told = {}
    for path in paths_in("/sitemap-pages.xml"):
        page = words(visitor().get(path))
        title, name, about = (
            re.findall(pattern, page)[0]
            for pattern in (
                "<title>(.*?)</title>",
                '<meta property="og:title" content="(.*?)">',
                '<meta property="og:description" content="(.*?)">',
            )
        )
        assert title == name, path
        told[path] = (name, about)

    assert len(told) > 20
    assert len({name for name, _ in told.values()}) == len({about for _, about in told.values()}) == len(told)


def test_every_question_is_marked_as_one() -> None:
    page = words(visitor().get("/faq/"))

    assert page.count('itemtype="https://schema.org/Question"') == page.count("<h2") > 10
