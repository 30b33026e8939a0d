"""Whoever has no password says once more who they are, by the site through which they log in."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers import registry
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from tests.factories import make_user
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

PATH = "/settings/your-data/erase/"
ASKED = "/settings/again/?next=%2Fsettings%2Fyour-data%2Ferase%2F"


@pytest.fixture(autouse=True)
def _google(settings: Settings) -> Iterator[None]:
    """Have Google set up, as far as saying so goes."""
    settings.SOCIALACCOUNT_PROVIDERS = {"google": {"APPS": [{"client_id": "a-site", "secret": "a-secret"}]}}
    from allauth.socialaccount.providers.google.provider import GoogleProvider

    registry.register(GoogleProvider)
    yield
    del registry.provider_map["google"]


@pytest.fixture
def person() -> User:
    user = make_user(email="ada@example.com")
    SocialAccount.objects.create(user=user, provider="google", uid="7", extra_data={"email": user.email})
    return user


def come_by_google(user: User) -> Client:
    """Return a browser whose session was begun by Google."""
    client = visitor(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": time.time(), "provider": "google"}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def test_who_came_by_it_lately_is_not_asked_and_later_is(person: User) -> None:
    client = come_by_google(person)
    assert client.get(PATH).status_code == 200

    with time_machine.travel(timezone.now() + timedelta(seconds=301)):
        assert client.get(PATH)["Location"] == ASKED
        assert client.post(PATH, {"address": person.email})["Location"] == ASKED

    assert User.objects.get(pk=person.pk).is_active


def test_a_session_that_was_begun_by_something_else_does_not_count(person: User) -> None:
    assert visitor(person).get(PATH)["Location"] == ASKED


def test_who_has_a_password_or_a_second_factor_is_asked_for_that(person: User) -> None:
    TOTP.activate(person, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert visitor(person).get(PATH)["Location"].startswith("/accounts/2fa/reauthenticate/")

    person.set_password("correct horse battery")
    person.save()
    assert visitor(person).get(PATH)["Location"].startswith("/accounts/reauthenticate/")


def test_whose_site_is_not_offered_any_more_cannot_be_asked(person: User) -> None:
    SocialAccount.objects.update(provider="github")

    assert visitor(person).get(PATH).status_code == 200
