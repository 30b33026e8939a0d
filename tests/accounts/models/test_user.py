import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_addresses_are_one_whatever_their_case() -> None:
    User.objects.create_user("Ada@Example.com", "correct horse battery")

    assert User.objects.get_by_natural_key("ADA@example.COM").email == "ada@example.com"
    with pytest.raises(IntegrityError), transaction.atomic():
        User(email="ADA@example.com").save()


def test_a_user_needs_an_address() -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        User.objects.create_user("")


def test_without_a_display_name_the_address_lends_one() -> None:
    assert User(email="ada@example.com").name == "ada"
    assert User(email="ada@example.com", display_name="Ada L.").name == "Ada L."


def test_keys_are_in_the_order_of_creation() -> None:
    users = [User.objects.create_user(f"{number}@example.com") for number in range(20)]

    assert list(User.objects.order_by("pk")) == users


def test_a_time_zone_must_be_known() -> None:
    user = User(email="ada@example.com", time_zone="Mars/Olympus", password="x")

    with pytest.raises(ValidationError, match="Mars/Olympus"):
        user.full_clean()
    user.time_zone = "Europe/Berlin"
    user.full_clean()
    assert user.zone.key == "Europe/Berlin"
