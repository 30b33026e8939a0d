import pytest

from tests.generation.runs import make_person
from tests.visitors import HTMX, visitor, words

pytestmark = pytest.mark.django_db

PRICE = "/create/price/"


def test_anonymous_people_are_sent_to_the_login_as_a_whole_page() -> None:
    assert visitor().get(PRICE, headers=HTMX)["HX-Redirect"].startswith("/accounts/login/")


def test_a_change_changes_line_and_label() -> None:
    page = words(visitor(make_person()).get(PRICE, {"num_images": "3", "steps": "50"}, headers=HTMX))

    assert "<strong>6 credits</strong> · 2 credits a picture: steps 2 ×" in page
    assert "Generate · 6 credits" in page


def test_a_value_out_of_bounds_has_no_price() -> None:
    page = words(visitor(make_person()).get(PRICE, {"steps": "1000"}, headers=HTMX))

    assert "Mend the marked setting" in page
    assert "Generate</span>" in page


def test_the_balance_is_ones_own() -> None:
    make_person("rich@example.com", credits=1000)

    page = words(visitor(make_person("poor@example.com", credits=1)).get(PRICE, {"num_images": "4"}, headers=HTMX))

    assert "3 credits missing" in page


def test_nothing_keeps_the_answer() -> None:
    assert "no-store" in visitor(make_person()).get(PRICE, headers=HTMX)["Cache-Control"]
