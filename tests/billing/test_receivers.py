"""When the monthly credits begin: at sign-up where nobody must confirm, else when the address is known."""

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_signed_up
from django.test import RequestFactory
from pytest_django import Settings

from accounts.models import User
from billing.statement import balance_of
from tests.factories import make_user
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


def sign_up(user: User) -> None:
    """Say what allauth says after somebody has signed up."""
    user_signed_up.send(sender=User, request=RequestFactory().get("/"), user=user)


def confirm(user: User) -> None:
    """Say what allauth says after a code was right."""
    address, _ = EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True})
    email_confirmed.send(sender=EmailAddress, request=RequestFactory().get("/"), email_address=address)


def test_signing_up_on_the_page_brings_the_first_credits() -> None:
    visitor().post("/accounts/signup/", {"email": "ada@example.com", "password1": "a long enough secret"})
    assert balance_of(User.objects.get()) == 100


def test_where_addresses_are_confirmed_sign_up_brings_none_and_confirmation_does(settings: Settings) -> None:
    settings.EMAIL_VERIFICATION_REQUIRED = True
    user = make_user()
    sign_up(user)
    assert balance_of(user) == 0
    confirm(user)
    assert balance_of(user) == 100


def test_an_address_a_provider_vouches_for_needs_no_confirmation(settings: Settings) -> None:
    settings.EMAIL_VERIFICATION_REQUIRED = True
    user = make_user()
    EmailAddress.objects.create(user=user, email=user.email, verified=True)
    sign_up(user)
    assert balance_of(user) == 100


def test_confirming_again_brings_nothing_more() -> None:
    user = make_user()
    sign_up(user)
    confirm(user)
    confirm(user)
    assert balance_of(user) == 100
