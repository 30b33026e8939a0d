"""What is remembered of a mailbox whose account was erased, and for how long."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone
from pytest_django import Settings

from accounts import closing, erased_mailboxes
from accounts.models import ErasedMailbox, FormerAddress, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def erased(email: str, *, is_confirmed: bool = True) -> User:
    user = make_user(email=email)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=is_confirmed)
    closing.make_nobodys(user, email)
    return user


def test_a_mailbox_is_known_by_any_of_its_addresses_and_not_written_down() -> None:
    erased("Ada.L+1@gmail.com".lower())
    assert erased_mailboxes.is_known(make_user(email="adal+2@googlemail.com").mailbox)
    assert not erased_mailboxes.is_known(make_user(email="bob@example.com").mailbox)
    assert "adal" not in ErasedMailbox.objects.get().digest  # no hexadecimal digest has an l


def test_a_mailbox_stays_known_while_the_key_is_rotated_out(settings: Settings) -> None:
    erased("ada@example.com")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "another key of fifty characters and some more here",
    )
    assert erased_mailboxes.is_known("ada@example.com")
    settings.SECRET_KEY_FALLBACKS = []
    assert not erased_mailboxes.is_known("ada@example.com")


def test_an_address_from_before_is_known_too() -> None:
    leave("old@example.com", is_confirmed=True)
    assert all(map(erased_mailboxes.is_known, ["old@example.com", "new@example.com"]))


@pytest.mark.parametrize("is_required", [True, False])
def test_an_address_from_before_that_nobody_confirmed_stays_free_where_it_must_be(
    settings: Settings, is_required: bool
) -> None:
    settings.EMAIL_VERIFICATION_REQUIRED = is_required
    leave("victim@example.com", is_confirmed=False)
    assert erased_mailboxes.is_known("victim@example.com") is not is_required
    assert erased_mailboxes.is_known("new@example.com")


def test_an_address_that_was_confirmed_once_stays_known_when_it_is_left_again() -> None:
    user = make_user(email="old@example.com")
    address = EmailAddress.objects.create(user=user, email="old@example.com", primary=True, verified=True)
    for email in ("new@example.com", "old@example.com", "new@example.com"):
        user.email = email
        user.save()
        EmailAddress.objects.filter(pk=address.pk).delete()
    assert FormerAddress.objects.get(email="old@example.com").was_confirmed


def leave(email: str, *, is_confirmed: bool) -> None:
    """Leave an address for another, as allauth does, and erase the account."""
    user = make_user(email=email)
    before = EmailAddress.objects.create(user=user, email=email, primary=True, verified=is_confirmed)
    after = EmailAddress.objects.create(user=user, email="new@example.com", verified=True)
    after.set_as_primary()
    before.delete()
    user.refresh_from_db()
    closing.make_nobodys(user, user.email)


@pytest.mark.parametrize("is_required", [True, False])
def test_an_address_that_nobody_confirmed_stays_free_where_it_must_be(settings: Settings, is_required: bool) -> None:
    settings.EMAIL_VERIFICATION_REQUIRED = is_required
    erased("ada@example.com", is_confirmed=False)
    assert erased_mailboxes.is_known("ada@example.com") is not is_required


def test_they_are_forgotten_when_their_days_are_over() -> None:
    erased("ada@example.com")
    later = timezone.now() + timedelta(days=erased_mailboxes.KEPT_DAYS, minutes=1)
    assert erased_mailboxes.forget_old(later - timedelta(minutes=2)) == 0
    with time_machine.travel(later):
        assert not erased_mailboxes.is_known("ada@example.com")
    assert erased_mailboxes.forget_old(later) == 1
