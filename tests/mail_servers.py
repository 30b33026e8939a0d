"""Mail servers that do not take everything: names for settings.EMAIL_BACKEND."""

from collections.abc import Sequence
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend

AWAY = f"{__name__}.AwayBackend"
CLOSED = f"{__name__}.ClosedBackend"
CHOOSY = f"{__name__}.ChoosyBackend"
DEADLY = f"{__name__}.DeadlyBackend"

# Whom the choosy one refuses, and with what.
_REFUSED = {"gone@example.com": (550, b"no such user"), "busy@example.com": (450, b"try again later")}


tried: list[str] = []  # whom mails were for that the two below were to take


class AwayBackend(BaseEmailBackend):
    """Nobody can reach it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Take none."""
        tried.extend(to for mail in email_messages for to in mail.to)
        raise ConnectionRefusedError("mail server is away")


class ClosedBackend(BaseEmailBackend):
    """It relays for nobody, and says so at each recipient."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Take none."""
        tried.extend(to for mail in email_messages for to in mail.to)
        raise SMTPRecipientsRefused(dict.fromkeys(email_messages[0].to, (554, b"5.7.1 relay access denied")))


class DeadlyBackend(BaseEmailBackend):
    """Whoever comes with a mail is killed at its door."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Take none."""
        raise KeyboardInterrupt


class ChoosyBackend(EmailBackend):
    """It refuses two people, as smtplib says it."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Take those for anybody else."""
        refused = {to: _REFUSED[to] for mail in messages for to in mail.to if to in _REFUSED}
        if refused:
            raise SMTPRecipientsRefused(refused)
        return super().send_messages(messages)
