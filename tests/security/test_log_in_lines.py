"""Who comes in, leaves or is refused is logged: by number, never by address or by what was typed."""

import logging

import pytest
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def try_to_log_in(client: Client, email: str, password: str) -> None:
    client.post("/accounts/login/", {"login": email, "password": password})


def test_coming_in_and_leaving_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "accounts.receivers")
    user = make_user(password=PASSWORD)
    client = Client()

    try_to_log_in(client, user.email, PASSWORD)
    client.post("/accounts/logout/")

    lines = [(record.message, vars(record).get("user")) for record in caplog.records]
    assert lines == [("logged in", user.pk), ("logged out", user.pk)]
    assert user.email not in caplog.text


@pytest.mark.parametrize("email", ["ada@example.com", "nobody-here@example.com"])
def test_a_refused_log_in_is_logged_without_what_was_typed(email: str, caplog: pytest.LogCaptureFixture) -> None:
    make_user(email="ada@example.com", password=PASSWORD)

    try_to_log_in(Client(), email, "guess-9876")

    (line,) = [record for record in caplog.records if record.name == "accounts.receivers"]
    assert (line.message, line.levelname, vars(line)["path"]) == ("log-in refused", "WARNING", "/accounts/login/")
    assert not any(word in str(vars(line)) for word in (email, "guess-9876"))
