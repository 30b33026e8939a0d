"""An account's security by its own pages: address, app codes, recovery codes, sessions, the admin's door."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.visitors import words

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
NEW = "another horse 77"
SECURITY = "/accounts/2fa/"


@pytest.fixture
def user() -> User:
    return User.objects.create_user("ada@example.com", PASSWORD)


def log_in(user: User, browser: Client | None = None) -> Client:
    """Log in by the page; a second factor is left to the test."""
    browser = browser or Client()
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return browser


def sure(browser: Client, path: str) -> str:
    """Open a page that asks for the password first; returns its text."""
    answer = browser.get(path)
    if answer.status_code == 302:
        assert answer["Location"].startswith("/accounts/reauthenticate/")
        answer = browser.post(answer["Location"], {"password": PASSWORD})
        assert answer["Location"] == path
        answer = browser.get(path)
    assert answer.status_code == 200
    return words(answer)


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def turn_app_on(browser: Client) -> str:
    """Set an authenticator app up; returns its secret."""
    page = sure(browser, f"{SECURITY}totp/activate/")
    found = re.search(r'id="authenticator_secret" value="([A-Z2-7]+)"', page)
    assert found is not None
    answer = browser.post(f"{SECURITY}totp/activate/", {"code": code_of(found[1])})
    assert answer.status_code == 302
    return found[1]


def mailed_code() -> str:
    """Return the code that stands on a line of its own in the last mail."""
    (code,) = re.findall(r"^ +([A-Z0-9-]{6,})$", str(mail.outbox[-1].body), re.MULTILINE)
    return str(code)


def test_a_wrong_code_turns_nothing_on(user: User) -> None:
    browser = log_in(user)
    sure(browser, f"{SECURITY}totp/activate/")

    page = words(browser.post(f"{SECURITY}totp/activate/", {"code": "000000"}))

    assert 'role="alert"' in page
    assert not Authenticator.objects.exists()


def test_with_an_app_the_password_alone_opens_nothing(user: User) -> None:
    secret = turn_app_on(log_in(user))
    browser = log_in(user)
    assert browser.get("/settings/profile/").status_code == 302
    page = words(browser.get(f"{SECURITY}authenticate/"))
    assert "One more step" in page

    browser.post(f"{SECURITY}authenticate/", {"code": "000000"})
    assert browser.get("/settings/profile/").status_code == 302
    cache.clear()  # the code that turned it on counts once; this is the next one's turn
    browser.post(f"{SECURITY}authenticate/", {"code": code_of(secret)})
    assert browser.get("/settings/profile/").status_code == 200


def test_a_recovery_code_opens_once(user: User) -> None:
    owner = log_in(user)
    turn_app_on(owner)
    page = sure(owner, f"{SECURITY}recovery-codes/")
    code = re.findall(r"<li>([0-9a-z-]+)</li>", page)[0]

    first, second = log_in(user), log_in(user)
    first.post(f"{SECURITY}authenticate/", {"code": code})
    second.post(f"{SECURITY}authenticate/", {"code": code})

    assert [browser.get("/settings/profile/").status_code for browser in (first, second)] == [200, 302]


def test_recovery_codes_cannot_be_guessed(user: User) -> None:
    owner = log_in(user)
    turn_app_on(owner)

    codes = re.findall(r"<li>([0-9a-z-]+)</li>", sure(owner, f"{SECURITY}recovery-codes/"))

    assert len(set(codes)) == len(codes) == 10
    # Eight digits or more: 26 bits, where 20 are asked.
    assert all(len(code.replace("-", "")) >= 8 for code in codes)


def test_codes_are_not_tried_without_end(user: User) -> None:
    secret = turn_app_on(log_in(user))
    cache.clear()
    browser = log_in(user)
    for guess in range(12):
        browser.post(f"{SECURITY}authenticate/", {"code": f"{guess:06d}"})

    browser.post(f"{SECURITY}authenticate/", {"code": code_of(secret)})

    assert browser.get("/settings/profile/").status_code == 302


def test_a_new_password_does_not_pass_the_second_factor(user: User) -> None:
    turn_app_on(log_in(user))
    browser = Client()
    browser.post("/accounts/password/reset/", {"email": user.email})
    code = mailed_code()
    browser.post("/accounts/password/reset/confirm/", {"code": code}, follow=True)
    changed = browser.post("/accounts/password/reset/complete/", {"password1": NEW, "password2": NEW}, follow=True)
    assert changed.status_code == 200

    user.refresh_from_db()
    assert user.check_password(NEW)
    assert browser.get("/settings/profile/").status_code == 302
    browser.post("/accounts/login/", {"login": user.email, "password": NEW})
    assert browser.get("/settings/profile/").status_code == 302


def test_a_code_by_mail_opens_nothing_in_another_browser(user: User) -> None:
    asked, other = Client(), Client()
    asked.post("/accounts/password/reset/", {"email": user.email})
    code = mailed_code()

    other.post("/accounts/password/reset/confirm/", {"code": code})
    other.post("/accounts/password/reset/complete/", {"password1": NEW, "password2": NEW})

    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_admins_door_asks_for_the_second_factor_too(user: User) -> None:
    turn_app_on(log_in(user))
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    browser = Client()
    assert browser.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")

    log_in(user, browser)

    assert browser.get("/admin/").status_code == 302


def test_turning_the_app_off_takes_the_step_away(user: User) -> None:
    browser = log_in(user)
    turn_app_on(browser)
    sure(browser, f"{SECURITY}totp/deactivate/")

    assert browser.post(f"{SECURITY}totp/deactivate/").status_code == 302

    assert log_in(user).get("/settings/profile/").status_code == 200


def test_sessions_are_listed_and_the_others_logged_out(user: User) -> None:
    other = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"})
    log_in(user, other)
    browser = log_in(user, Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140 Safari/537"}))
    page = words(browser.get("/accounts/sessions/"))
    assert "Firefox on Windows" in page
    assert "Chrome on Linux" in page

    browser.post("/accounts/sessions/")

    assert UserSession.objects.count() == 1
    assert other.get("/settings/profile/").status_code == 302
    assert browser.get("/settings/profile/").status_code == 200


def test_a_new_address_counts_when_it_is_confirmed(user: User) -> None:
    browser = log_in(user)
    sure(browser, f"{SECURITY}totp/activate/")  # the password was asked for a moment ago
    answer = browser.post("/accounts/email/", {"email": "New@Example.com", "action_add": ""}, follow=True)
    assert "Waiting for new@example.com" in words(answer)
    user.refresh_from_db()
    assert user.email == "ada@example.com"
    link = re.search(r"/accounts/confirm-email/[^\s]+", str(mail.outbox[-1].body))
    assert link is not None
    assert mail.outbox[-1].to == ["new@example.com"]

    assert "Confirm your address" in words(Client().get(link[0]))
    Client().post(link[0])

    user.refresh_from_db()
    assert user.email == "new@example.com"


def test_without_the_password_the_address_stays(user: User) -> None:
    browser = Client()
    browser.force_login(user)

    answer = browser.post("/accounts/email/", {"email": "new@example.com", "action_add": ""})

    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert mail.outbox == []


def test_an_address_of_somebody_else_is_not_told_from_a_free_one(user: User) -> None:
    User.objects.create_user("bob@example.com", PASSWORD)
    browser = log_in(user)
    sure(browser, f"{SECURITY}totp/activate/")

    browser.post("/accounts/email/", {"email": "bob@example.com", "action_add": ""})

    user.refresh_from_db()
    assert user.email == "ada@example.com"


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", SECURITY])
def test_other_sites_are_offered_only_where_they_are_set_up(user: User, path: str, settings: Settings) -> None:
    browser = log_in(user) if path == SECURITY else Client()

    page = words(browser.get(path))

    assert "Google" not in page
    assert "GitHub" not in page
    assert "/accounts/3rdparty/" not in page
