"""What allauth says moves an invite on: signed up, confirmed, logged in."""

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import user_signed_up
from django.core import mail
from django.test import RequestFactory
from pytest_django import Settings

from accounts.models import Referral, User
from tests import invites
from tests.factories import make_user
from tests.invites import fate, follow, make_referrer, sign_up

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _confirmed(settings: Settings) -> None:
    invites.require_confirmation(settings)


def test_a_friend_has_joined_and_then_confirmed() -> None:
    client = follow(make_referrer())
    friend = sign_up(client, "bob@example.com")
    assert fate(friend) == ("joined", "")
    invites.confirm(client)
    assert fate(friend) == ("confirmed", "")
    assert len(mail.outbox) == 1


def test_an_address_that_a_provider_vouches_for_is_confirmed_at_once() -> None:
    client = follow(make_referrer())
    friend = make_user()
    EmailAddress.objects.create(user=friend, email=friend.email, verified=True)
    request = RequestFactory().get("/")
    request.COOKIES["invite"] = client.cookies["invite"].value
    user_signed_up.send(sender=User, request=request, user=friend)
    assert fate(friend) == ("confirmed", "")


def test_logging_in_after_sign_up_refuses_nothing() -> None:
    ada = make_referrer()
    friend = invites.invite(ada, "bob@example.com")
    assert fate(friend) == ("confirmed", "")
    assert Referral.objects.count() == 1
