"""Our own mails: they go out in two forms, and what mail servers do hurts nobody."""

import logging
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from accounts import letters
from tests import mail_servers

FACTS: dict[str, Any] = {"user": None, "credits": 5, "balance": 7, "next_on": None}


class AwayBackend(BaseEmailBackend):
    """A mail server that refuses whoever is written to, by name."""

    def send_messages(self, email_messages: object) -> int:
        raise ConnectionRefusedError("no mail for ada@example.com")


def test_a_letter_has_a_subject_in_one_line_a_text_and_a_page(settings: LazySettings) -> None:
    assert letters.send("ada@example.com", "billing/email/credits_came", **FACTS)

    sent = mail.outbox[0]
    assert isinstance(sent, EmailMultiAlternatives)
    assert (sent.to, sent.subject) == (["ada@example.com"], "5 credits have come")
    assert "you have 7 credits now" in sent.body
    assert settings.SITE_URL in str(sent.alternatives[0][0])


def test_a_server_that_refuses_is_logged_without_the_address(
    settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.AwayBackend"
    caplog.set_level(logging.DEBUG)

    assert not letters.send("ada@example.com", "billing/email/credits_came", **FACTS)

    assert [record.getMessage() for record in caplog.records] == ["mail not sent"]
    assert "ada@example.com" not in str([record.__dict__ for record in caplog.records])


@pytest.mark.parametrize(
    ("server", "address", "comes_back"),
    [
        (mail_servers.AWAY, "ada@example.com", True),
        (mail_servers.CHOOSY, "busy@example.com", True),
        (mail_servers.CHOOSY, "gone@example.com", False),
        (mail_servers.CHOOSY, "ada@example.com", False),
    ],
)
def test_a_letter_is_given_back_where_it_may_go_out_later(
    settings: LazySettings, server: str, address: str, comes_back: bool
) -> None:
    settings.EMAIL_BACKEND = server
    given_back = []

    letters.send(address, "billing/email/credits_came", give_back=lambda: given_back.append(address), **FACTS)

    assert given_back == [address] * comes_back
