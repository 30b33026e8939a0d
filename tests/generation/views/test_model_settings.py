import pytest

from generation.models import Job
from tests.generation.runs import make_person
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/create/settings/"
TYPED = {"prompt": "a fox", "model": "flux-1-schnell", "shown_model": "starter", "size": "128x128", "steps": "25"}


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().post(PAGE, TYPED), "/create/")


def test_another_model_brings_its_sizes_schedulers_and_limits() -> None:
    page = words(visitor(make_person()).post(PAGE, TYPED, headers=HTMX))

    assert 'value="1024x1024" checked' in page
    assert "Flow Euler" in page
    assert 'name="negative_prompt"' not in page
    assert 'max="12"' in page
    assert "<html" not in page


def test_the_price_comes_along() -> None:
    page = words(visitor(make_person()).post(PAGE, {**TYPED, "model": "starter"}, headers=HTMX))

    assert 'id="action" hx-swap-oob="morph"' in page


def test_without_javascript_the_whole_page_comes_with_nothing_lost_and_nothing_made() -> None:
    page = words(visitor(make_person()).post(PAGE, TYPED))

    assert "<html" in page
    assert "a fox</textarea>" in page
    assert not Job.objects.exists()


def test_an_address_alone_is_no_choice() -> None:
    assert visitor(make_person()).get(PAGE).status_code == 405
