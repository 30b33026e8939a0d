"""Our own mails: they go out in two forms, and what mail servers do hurts nobody."""

import logging
from contextlib import nullcontext
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from accounts import letters
from accounts.errors import LetterGivenBack
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

    with pytest.raises(LetterGivenBack) if comes_back else nullcontext():
        letters.send(address, "billing/email/credits_came", give_back=lambda: given_back.append(address), **FACTS)

    assert given_back == [address] * comes_back


@pytest.mark.parametrize(
    ("code", "text", "is_refused"),
    [
        (550, b"5.1.1 no such user", True),
        (554, b"5.1.1 no such user", True),
        (550, b"no such user", True),
        (553, b"5.2.1 this mailbox is disabled", True),
        (450, b"4.1.1 not known yet", False),
        (550, b"4.2.2 over quota", False),
        (554, b"5.7.1 relay access denied", False),
        (550, b"5.7.1 blocked by our policy", False),
        (550, b"5.1.8 sender address rejected: domain not found", False),
        (554, b"no mail from you", False),
    ],
)
def test_only_what_a_server_says_of_the_address_is_for_good(code: int, text: bytes, is_refused: bool) -> None:
    assert letters.is_refused(SMTPRecipientsRefused({"ada@example.com": (code, text)})) is is_refused


@pytest.mark.parametrize(("server", "tries"), [(mail_servers.AWAY, 1), (mail_servers.CLOSED, 10)])
def test_a_sweep_ends_where_the_server_is_away_or_refuses_everybody(
    settings: LazySettings, server: str, tries: int
) -> None:
    settings.EMAIL_BACKEND = server
    mail_servers.tried.clear()

    def send_one(address: str) -> bool:
        return letters.send(address, "billing/email/credits_came", give_back=lambda: None, **FACTS)

    assert letters.send_each([f"user{number}@example.com" for number in range(30)], send_one) == 0
    assert len(mail_servers.tried) == tries


def test_some_who_are_refused_keep_the_letter_from_nobody_else(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = mail_servers.CHOOSY

    def send_one(address: str) -> bool:
        return letters.send(address, "billing/email/credits_came", give_back=lambda: None, **FACTS)

    assert letters.send_each(["busy@example.com"] * 5 + ["gone@example.com", "ada@example.com"] * 5, send_one) == 5
