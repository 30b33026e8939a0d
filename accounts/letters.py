"""Mails of our own words: three templates a letter (`<name>.subject.txt`, `.txt`, `.html`) and what they know."""

import logging
from collections.abc import Callable
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


_FOR_GOOD = 500  # Source: RFC 5321, 4.2.1


def send(address: str, name: str, *, give_back: Callable[[], object] | None = None, **facts: Any) -> bool:
    """Send a letter; returns whether it went out. What mail servers do is logged, never raised, and names nobody.

    `give_back` is called where it did not, and may another time: whoever claimed the letter lets it be tried again.
    """
    known = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "test_shop": settings.TEST_SHOP, **facts}
    subject = " ".join(render_to_string(f"{name}.subject.txt", known).split())
    mail = EmailMultiAlternatives(subject, render_to_string(f"{name}.txt", known), to=[address])
    mail.attach_alternative(render_to_string(f"{name}.html", known), "text/html")
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        logger.warning("mail not sent", extra={"letter": name, "error": type(error).__name__})
        if give_back is not None and not is_refused(error):
            give_back()
        return False
    return True


def is_refused(error: Exception) -> bool:
    """Whether the server takes nothing for this recipient, now or later; it is there, and takes other mail."""
    return isinstance(error, SMTPRecipientsRefused) and all(code >= _FOR_GOOD for code, _ in error.recipients.values())
