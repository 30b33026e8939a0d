"""Sign-ups from one address are limited, by the limit that docs/security.md names."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db

# `signup` 20/m/ip
LIMIT = 20


def sign_up(number: int, address: str) -> int:
    """Ask for an account as a browser of its own at a network address; returns the status."""
    form = {"email": f"number-{number}@example.com", "password1": "correct horse battery"}
    return Client(REMOTE_ADDR=address).post("/accounts/signup/", form).status_code


def test_beyond_twenty_a_minute_an_address_makes_no_more_accounts_and_another_does() -> None:
    cache.clear()

    statuses = [sign_up(number, "192.0.2.7") for number in range(LIMIT + 2)]

    page = Client(REMOTE_ADDR="192.0.2.7").post("/accounts/signup/", {}).content.decode()
    assert "That was too often" in page
    assert "getimg" in page
    assert statuses == [302] * LIMIT + [429] * 2
    assert User.objects.count() == LIMIT
    assert sign_up(LIMIT + 2, "192.0.2.8") == 302
    assert User.objects.count() == LIMIT + 1
