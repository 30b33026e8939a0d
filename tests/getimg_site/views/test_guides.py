import pytest
from django.contrib.staticfiles import finders

from getimg_site import guides
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


def test_the_prompt_book_leads_to_the_form() -> None:
    chapter = guides.chapters()[0]
    stop = chapter.stops[0]

    assert chapter.title in words(visitor().get("/guides/"))
    page = words(visitor(make_user()).get(f"/create/?{stop.query}"))
    assert stop.settings["prompt"] in page


def test_try_this_fills_the_form() -> None:
    page = words(visitor(make_user()).get("/create/?prompt=a+red+fox&steps=7&seed=11&guidance_scale=3&model=starter"))

    assert "a red fox" in page
    assert 'value="7"' in page
    assert 'value="11"' in page
