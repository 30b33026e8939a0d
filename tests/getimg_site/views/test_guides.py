import json
import re
from html.parser import HTMLParser

import pytest
from django.contrib.staticfiles import finders

from generation import editor
from getimg_site import guides
from getimg_site.feature_guides import BY_SLUG, FEATURES
from getimg_site.feature_guides.shapes import Feature
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("guide", guides.GUIDES, ids=lambda guide: guide.slug)
def test_every_guide_shows_its_pictures(guide: guides.Guide) -> None:
    stops = guides.stops(guide)
    page = words(visitor().get(f"/guides/{guide.slug}/"))

    assert len(stops) >= 4
    assert all(finders.find(stop.file) for stop in stops)
    assert page.count('guide-stop"') == len(stops)


def test_a_guide_that_there_is_not_is_not_found() -> None:
    assert visitor().get("/guides/nothing/").status_code == 404


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.slug)
def test_every_link_of_a_feature_s_guide_leads_somewhere(feature: Feature) -> None:
    page = words(visitor().get(f"/guides/{feature.slug}/"))
    reader = visitor(make_user())
    links = _Links.of(page, "button button-accent") + _Links.of(page, "button") + _Links.of(page, "button button-quiet")

    assert feature.address in links
    assert len(links) == len(FEATURES) + bool(feature.trial)
    assert {reader.get(link).status_code for link in links} == {200}
    assert page.count("<li><img") == len(feature.pictures)


@pytest.mark.parametrize("feature", [one for one in FEATURES if one.tool], ids=lambda feature: feature.slug)
def test_a_feature_s_guide_opens_its_tool_and_has_a_picture_to_try_it_on(feature: Feature) -> None:
    reader = visitor(make_user())

    assert _filled(words(reader.get(feature.address)))["task"] == feature.tool
    if feature.trial:
        page = words(reader.get(feature.trial))
        branch = _branch(page)
        assert branch is not None
        assert _filled(page)["task"] == feature.tool
        assert branch["values"] == feature.tries
        assert str(branch["example"]).removeprefix("/static/") in [one.file for one in feature.pictures]


def test_the_list_has_features_and_settings_apart() -> None:
    _, _, listed = words(visitor().get("/guides/")).partition(">Features</h2>")
    features, heading, rest = listed.partition(">Settings</h2>")

    assert heading
    assert all(f'href="/guides/{feature.slug}/"' in features for feature in FEATURES)
    assert all(f'href="/guides/{guide.slug}/"' in rest for guide in guides.GUIDES)


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        *((f"/edit/?tool={tool.task}", tool.guide) for tool in editor.TOOLS if tool.guide),
        *(("/video/", "video"), ("/models/", "own-model"), ("/models/new/", "own-model")),
        *(("/create/styles/", "styles"), ("/library/", "library")),
    ],
)
def test_a_tool_leads_to_the_guide_that_says_how_it_works(path: str, slug: str) -> None:
    assert slug in BY_SLUG
    assert f'<a href="/guides/{slug}/">How it works</a>' in words(visitor(make_user()).get(path))


def test_the_prompt_book_leads_to_the_form() -> None:
    page = words(visitor().get("/guides/"))
    chapters = guides.chapters()

    assert all(f"<h3>{chapter.title}</h3>" in page for chapter in chapters)
    links = [link for link in _Links.of(page, "chapter-prompt") if link.startswith("/create/?")]
    assert len(links) == sum(len(chapter.stops) for chapter in chapters)
    assert _filled(words(visitor(make_user()).get(links[0])))["prompt"] == chapters[0].stops[0].settings["prompt"]


@pytest.mark.parametrize("guide", guides.GUIDES, ids=lambda guide: guide.slug)
def test_try_this_fills_the_form(guide: guides.Guide) -> None:
    stops = guides.stops(guide)
    links = _Links.of(words(visitor().get(f"/guides/{guide.slug}/")), "button")[: len(stops)]
    reader = visitor(make_user())

    for stop, link in zip(stops, links, strict=True):
        assert stop.settings.items() <= _filled(words(reader.get(link))).items(), link


def test_strength_is_tried_on_the_picture_that_the_slider_began_from() -> None:
    reader = visitor(make_user())
    stop = guides.stops(guides.BY_SLUG["strength"])[0]
    branch = _branch(words(reader.get(stop.address)))

    assert branch is not None
    assert finders.find(str(branch["example"]).removeprefix("/static/"))
    assert branch["values"] == stop.settings
    assert _branch(words(reader.get(stop.address.replace("example=strength", "example=../settings")))) is None


def _filled(page: str) -> dict[str, str]:
    """Return what stands in the form's fields; the editor's script fills in what its page says beside them."""
    reader = _Fields()
    reader.feed(page)
    branch = _branch(page)
    return {**reader.values, **(branch["values"] if branch else {})}


def _branch(page: str) -> dict[str, dict[str, str]] | None:
    found = re.search(r'<script id="branch" type="application/json">(.*?)</script>', page)
    return json.loads(found[1]) if found else None


class _Links(HTMLParser):
    """The addresses that links with a class lead to."""

    @classmethod
    def of(cls, page: str, name: str) -> list[str]:
        reader = cls()
        reader.name, reader.found = name, []
        reader.feed(page.partition("<main")[2])
        return reader.found

    name: str
    found: list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "a" and has.get("class") == self.name:
            self.found.append(has["href"] or "")


class _Fields(HTMLParser):
    """What stands in inputs and textareas, by their names; of choices what is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        is_left_out = has.get("type") in ("radio", "checkbox") and "checked" not in has
        if tag == "input" and has.get("name") and not is_left_out:
            self.values[has["name"] or ""] = has.get("value") or ""
        self._textarea = (has.get("name") or "") if tag == "textarea" else ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea] = data

    def handle_endtag(self, tag: str) -> None:
        self._textarea = ""
