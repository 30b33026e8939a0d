"""Mails of our own words: three templates a letter (`<name>.subject.txt`, `.txt`, `.html`) and what they know."""

import logging
import random
import re
from collections.abc import Callable, Iterable
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Any, TypeVar

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mail_admins
from django.template.loader import render_to_string

from accounts.errors import LetterGivenBack

logger = logging.getLogger(__name__)

Due = TypeVar("Due")

# A server that refuses so many in a row refuses everybody.
_REFUSED_MAX = 10
# What it answers where nothing is taken for a recipient, now or later. Source: RFC 5321, 4.2.3
_NO_SUCH_RECIPIENT = (550, 551, 553)
# Source: RFC 3463
_ENHANCED = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
_OF_ADDRESSES, _OF_POLICY = "1", "7"
# Of addresses, too, but the sender's: its form, and its domain.
_OF_THE_SENDER = ("7", "8")


def send(address: str, name: str, *, give_back: Callable[[], object] | None = None, **facts: Any) -> bool:
    """Send a letter; returns whether it went out. What mail servers do is logged, and names nobody.

    `give_back` is called where it did not, and may another time: whoever claimed the letter lets it be tried again.

    Raises: LetterGivenBack after that, never without `give_back`.
    """
    subject, text, known = _written(name, facts)
    mail = EmailMultiAlternatives(subject, text, to=[address])
    mail.attach_alternative(render_to_string(f"{name}.html", known), "text/html")
    return _deliver(name, mail.send, give_back)


def send_to_operators(name: str, *, give_back: Callable[[], object] | None = None, **facts: Any) -> bool:
    """Send the operators a letter that is text alone; otherwise as `send`."""
    subject, text, _ = _written(name, facts)
    return _deliver(name, lambda: mail_admins(subject, text), give_back)


def _written(name: str, facts: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Return a letter's subject, its text, and all that its templates know."""
    known = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "test_shop": settings.TEST_SHOP, **facts}
    subject = " ".join(render_to_string(f"{name}.subject.txt", known).split())
    return subject, render_to_string(f"{name}.txt", known), known


def _deliver(name: str, hand_over: Callable[[], object], give_back: Callable[[], object] | None) -> bool:
    try:
        hand_over()
    except (OSError, SMTPException) as error:
        logger.warning("mail not sent", extra={"letter": name, "error": type(error).__name__})
        if give_back is not None and not is_refused(error):
            give_back()
            raise LetterGivenBack(is_away=is_away(error)) from None
        return False
    return True


def send_each(due: Iterable[Due], send_one: Callable[[Due], bool], *, in_order: bool = False) -> int:
    """Send the letters of a sweep; returns how many went out. `send_one` may raise LetterGivenBack.

    It ends where the server is away, for each try may take all of EMAIL_TIMEOUT, or refuses everybody. The order is
    random, so that those who are refused each time do not stand before everybody else; `in_order` is for letters that
    are put off by a try that failed.
    """
    sent = refused = 0
    everybody = list(due)
    if not in_order:
        random.shuffle(everybody)
    for one in everybody:
        try:
            went_out = send_one(one)
        except LetterGivenBack as letter:
            refused += 1
            if letter.is_away or refused == _REFUSED_MAX:
                break
        else:
            sent += went_out
            refused = 0 if went_out else refused
    return sent


def is_refused(error: Exception) -> bool:
    """Whether the server takes nothing for this recipient, now or later; it is there, and takes other mail."""
    return isinstance(error, SMTPRecipientsRefused) and all(
        _is_for_good(code, text) for code, text in error.recipients.values()
    )


def is_away(error: Exception) -> bool:
    """Whether the server takes no mail at all; otherwise it is there, and others may go through."""
    return not isinstance(error, SMTPRecipientsRefused | SMTPDataError)


def _is_for_good(code: int, text: bytes) -> bool:
    """Whether an answer is about the recipient's address, not about the sender or the server's policy."""
    found = _ENHANCED.match(text.decode(errors="replace"))
    if found is None:
        return code in _NO_SUCH_RECIPIENT
    kind, subject, detail = found.groups()
    if kind != "5":
        return False
    if subject == _OF_ADDRESSES:
        return detail not in _OF_THE_SENDER
    return code in _NO_SUCH_RECIPIENT and subject != _OF_POLICY
