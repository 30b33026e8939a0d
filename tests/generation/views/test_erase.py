import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from generation.models import Erasure
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/your-data/erase/"
PASSWORD = "correct horse battery"


def sure(user: User) -> Client:
    """Return a browser whose person has just given the password once more."""
    browser = visitor(user)
    answer = browser.get(PAGE)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert browser.post(answer["Location"], {"password": PASSWORD})["Location"] == PAGE
    return browser


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_the_password_is_asked_for_and_a_wrong_one_refused() -> None:
    user = make_person()
    browser = visitor(user)

    assert browser.post(PAGE, {"address": user.email})["Location"].startswith("/accounts/reauthenticate/")
    browser.post("/accounts/reauthenticate/", {"password": "wrong", "next": PAGE})

    assert browser.get(PAGE).status_code == 302
    assert not Erasure.objects.exists()


def test_what_goes_is_said_before() -> None:
    user = make_person(credits=100)
    draw(user)

    page = words(sure(user).get(PAGE))

    assert "1 picture (with those in the trash), 0 uploads and 0 models" in page
    assert "99 credits, bought ones too" in page


def test_who_wants_money_back_is_told_to_write_first(settings: LazySettings) -> None:
    settings.SUPPORT_EMAIL = "help@example.com"

    page = words(sure(make_person()).get(PAGE))
    terms = words(visitor().get("/terms/"))

    for told in (page, terms):
        assert 'href="mailto:help@example.com">help@example.com</a> first' in told
        assert 'href="/refunds/">Refunds</a>' in told
    assert "brings no money back by itself" in terms


def test_another_address_changes_nothing_and_says_so() -> None:
    user = make_person("ada@example.com")

    answer = sure(user).post(PAGE, {"address": "bob@example.com"})

    assert answer.status_code == 422
    assert "Type ada@example.com to confirm." in words(answer)
    assert not Erasure.objects.exists()


def test_the_address_erases_whatever_its_case_and_logs_out() -> None:
    user = make_person("ada@example.com")
    browser = sure(user)

    answer = browser.post(PAGE, {"address": " Ada@Example.com "})

    assert answer["Location"] == "/"
    assert "A receipt comes by e-mail." in words(browser.get("/"))
    assert browser.get("/settings/profile/").status_code == 302
    assert Erasure.objects.get().user == user


def test_who_runs_the_site_is_told_why_not() -> None:
    user = User.objects.create_superuser("root@example.com", PASSWORD)

    answer = sure(user).post(PAGE, {"address": user.email})

    assert answer.status_code == 422
    assert "runs the site" in words(answer)
