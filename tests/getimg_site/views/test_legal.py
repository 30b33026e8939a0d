import pytest
from django.conf import LazySettings

from getimg_site import legal
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", legal.PAGES, ids=lambda page: page.slug)
def test_every_page_of_rules_is_there_and_says_that_it_is_a_template(page: legal.Page) -> None:
    answer = visitor().get(f"/{page.slug}/")

    assert answer.status_code == 200
    assert f"<h1>{page.title}</h1>" in words(answer)
    assert "as a template" in words(answer)


def test_what_was_reviewed_says_so_no_more(settings: LazySettings) -> None:
    settings.LEGAL_REVIEWED = True

    assert "as a template" not in words(visitor().get("/terms/"))


@pytest.mark.parametrize("page", ["/licence/", "/faq/", "/pricing/api/"])
def test_pictures_of_the_api_are_commercial_by_their_key(page: str) -> None:
    told = words(visitor().get(page))

    assert "with a live key are paid for" in told
    assert "may be used commercially" in told
    assert "for personal use only" in told


def test_the_privacy_page_names_the_days_that_are_set(settings: LazySettings) -> None:
    settings.API_RETENTION_DAYS = 17

    assert "17 days" in words(visitor().get("/privacy/"))
