"""A first password is given by its owner, not by whoever holds a session."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail

from accounts.models import User
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db

PATH = "/accounts/password/set/"
FORM = {"password1": "another horse 77", "password2": "another horse 77"}


@pytest.fixture
def person() -> User:
    return make_user(email="ada@example.com")


def test_whoever_has_a_second_factor_shows_it_first(person: User) -> None:
    TOTP.activate(person, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    thief = visitor(person)

    for answer in (thief.get(PATH), thief.post(PATH, FORM)):
        assert answer["Location"] == "/accounts/2fa/reauthenticate/?next=%2Faccounts%2Fpassword%2Fset%2F"

    person.refresh_from_db()
    assert not person.has_usable_password()


def test_a_password_is_set_and_told_of(person: User) -> None:
    answer = visitor(person).post(PATH, FORM)

    assert answer["Location"] == "/accounts/2fa/"
    person.refresh_from_db()
    assert person.check_password("another horse 77")
    assert mail.outbox[0].subject == "Your account has a password now"


def test_nobody_else_gets_there() -> None:
    assert_sent_to_login(visitor().get(PATH), PATH)
    # Who has a password is asked for it, and then led on to the page that changes it.
    asked = visitor(make_user(password="correct horse battery")).get(PATH)["Location"]
    assert asked == "/accounts/reauthenticate/?next=%2Faccounts%2Fpassword%2Fset%2F"
