"""Log-ins from one address are limited, those with the right password too, by the limit that docs/security.md names."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db

# `login` 30/m/ip
LIMIT = 30
EMAIL, PASSWORD = "ada@example.com", "correct horse battery"


def log_in(address: str) -> Client:
    """Send the log-in form with the right password, as a browser of its own at a network address."""
    client = Client(REMOTE_ADDR=address)
    client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/settings/profile/").status_code == 200


def test_beyond_thirty_a_minute_an_address_logs_nobody_in_and_another_does() -> None:
    user = make_user(email=EMAIL, password=PASSWORD)
    EmailAddress.objects.create(user=user, email=EMAIL, primary=True, verified=True)

    with time_machine.travel(datetime(2027, 3, 10, 12, tzinfo=UTC), tick=False) as clock:
        let_in = [is_in(log_in("192.0.2.7")) for _ in range(LIMIT + 2)]

        answer = Client(REMOTE_ADDR="192.0.2.7").post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
        assert answer.status_code == 429
        assert "That was too often" in answer.content.decode()
        assert let_in == [True] * LIMIT + [False] * 2
        assert is_in(log_in("192.0.2.8"))
        clock.shift(timedelta(seconds=61))
        assert is_in(log_in("192.0.2.7"))
