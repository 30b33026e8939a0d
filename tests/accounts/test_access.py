import pytest

from tests.generation.runs import make_person
from tests.visitors import HTMX, assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db


def test_who_is_not_signed_in_logs_in_and_comes_back() -> None:
    assert_sent_to_login(visitor().get("/library/?before=x"), "/library/%3Fbefore%3Dx")


def test_a_form_sent_without_a_session_leads_back_to_create() -> None:
    assert_sent_to_login(visitor().post("/create/runs/", {"prompt": "a fox"}), "/create/")


@pytest.mark.parametrize(
    ("sender", "page"),
    [
        ("http://testserver/s/abc/?before=x#top", "/s/abc/%3Fbefore%3Dx"),
        ("http://evil.example/s/abc/", "/create/"),
        ("http://testserver@evil.example/", "/create/"),
        ("http://testserver//evil.example/", "/create/"),
        ("http://testserver", "/create/"),
        ("/s/abc/", "/create/"),
        ("http://[", "/create/"),
        ("javascript:alert(1)", "/create/"),
    ],
)
def test_a_form_sent_without_a_session_leads_back_to_its_page_of_this_site(sender: str, page: str) -> None:
    answer = visitor().post("/create/runs/", {"prompt": "a fox"}, headers={"Referer": sender})

    assert_sent_to_login(answer, page)


def test_a_partial_request_moves_the_whole_page_to_the_login() -> None:
    response = visitor().get("/create/price/", headers=HTMX)

    assert response.status_code == 204
    assert response["HX-Redirect"] == "/accounts/login/?next=%2Fcreate%2F"


@pytest.mark.parametrize("sender", ["http://[", "http://evil.example/create/", "javascript:alert(1)", ""])
def test_a_partial_request_comes_back_to_no_page_that_is_none_of_this_site(sender: str) -> None:
    response = visitor().post("/models/new/", headers={**HTMX, "HX-Current-URL": sender})

    assert response.status_code == 204
    assert response["HX-Redirect"] == "/accounts/login/?next="


def test_who_is_signed_in_gets_in() -> None:
    assert visitor(make_person()).get("/library/").status_code == 200
