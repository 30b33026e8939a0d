"""What a link is previewed with where people share it: each page a picture of its own, at an address that stays."""

import io
import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles import finders
from PIL import Image as Pillow

from generation import showcase
from generation.models import Publication
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

GUIDES = ["/guides/steps/", "/guides/guidance/", "/guides/seed/", "/guides/negative-prompt/", "/guides/strength/"]


def facts(page: str) -> dict[str, str]:
    """Return what the page tells those who preview it, by name."""
    found = re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', page)
    assert len(found) == len(dict(found)), "said twice"
    return {name: unescape(value) for name, value in found}


def picture_at(address: str, settings: LazySettings) -> Pillow.Image:
    """Return the picture that a crawler, who is nobody in particular, gets there."""
    assert address.startswith(f"{settings.SITE_URL}/")
    path = address.removeprefix(settings.SITE_URL)
    if path.startswith("/static/"):
        return Pillow.open(Path(str(finders.find(path.removeprefix("/static/")))))
    answer = visitor().get(path)
    assert answer.status_code == 200, path
    return Pillow.open(io.BytesIO(answer.content))


@pytest.fixture
def shown(settings: LazySettings) -> Publication:
    settings.SHOWCASE = True
    person = make_person()
    person.display_name = "Ada"
    person.save()
    return showcase.publish(draw(person, prompt="a red fox"), is_listed=True, shows_recipe=True)


def test_every_page_that_is_shared_has_a_picture_of_its_own(shown: Publication, settings: LazySettings) -> None:
    own, author = f"/s/{shown.token}/", f"/showcase/by/{shown.user_id}/"
    told = {
        path: facts(words(visitor().get(path)))
        for path in ("/", "/pricing/", "/guides/", "/changelog/", "/faq/", "/showcase/", own, author, *GUIDES)
    }

    for path, said in told.items():
        picture = picture_at(said["og:image"], settings)
        assert picture.format in ("JPEG", "PNG"), path
        assert (str(picture.width), str(picture.height)) == (said["og:image:width"], said["og:image:height"])
        assert picture.size == (1200, 630), path
        assert said["og:image:alt"] == said["twitter:image:alt"] != ""
        assert said["twitter:card"] == "summary_large_image"
        assert said["og:url"] == settings.SITE_URL + path
        assert said["og:title"]
        assert said["og:description"]
    pictures = [told[path]["og:image"] for path in ("/", "/pricing/", "/guides/", "/changelog/", own, *GUIDES)]
    assert len(set(pictures)) == len(pictures)
    assert told[own]["og:image"] == told[author]["og:image"]
    assert (told[own]["og:image:alt"], told[author]["og:image:alt"]) == ("a red fox", "Picture by Ada")
    assert told[author]["og:title"].startswith("Ada · Showcase")


def test_a_picture_that_a_link_alone_leads_to_is_previewed_without_a_word_on_what_is_kept_back() -> None:
    shown = showcase.publish(draw(make_person(), prompt="a secret"), is_listed=False, shows_recipe=False)

    said = facts(words(visitor().get(f"/s/{shown.token}/")))

    assert said["og:image"].endswith(f"/s/{shown.token}/card.jpg")
    assert not [value for value in said.values() if "secret" in value]
