import pytest
from django.conf import LazySettings

from billing.models import Plan
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


def test_the_content_policy_says_when_what_is_left_out_is_looked_at() -> None:
    page = words(visitor().get("/content-policy/"))

    assert "is not checked, unless you set the guidance below 1: then a model draws towards it." in page


def test_the_privacy_page_names_the_days_that_are_set(settings: LazySettings) -> None:
    settings.API_RETENTION_DAYS, settings.UPLOAD_RETENTION_DAYS, settings.MODERATION_KEEP_DAYS = 17, 23, 29
    Plan.objects.filter(pk="pro").update(kept_days_after=177)

    page = words(visitor().get("/privacy/"))

    for told in ("kept for 17 days", "goes 23 days after its last use", "held back go after 29 days"):
        assert told in page
    assert "177 days after the Pro plan" in page
    assert "lies in the trash for 30 days" in page


def test_the_privacy_page_says_who_hears_words_where_a_writer_is_set_up(settings: LazySettings) -> None:
    settings.PROMPT_WRITER_URL = ""
    assert "to a text model" not in words(visitor().get("/privacy/"))

    settings.PROMPT_WRITER_URL = "https://words.example/v1"
    assert "“Improve” sends your prompt to a text model" in words(visitor().get("/privacy/"))


def test_the_days_for_a_refund_are_those_of_the_setting(settings: LazySettings) -> None:
    settings.REFUND_WINDOW_DAYS = 21
    assert "Write within 21 days of a payment" in words(visitor().get("/refunds/"))

    settings.REFUND_WINDOW_DAYS = 0
    assert "Write within" not in words(visitor().get("/refunds/"))
