"""Mails of our own words: three templates a letter (`<name>.subject.txt`, `.txt`, `.html`) and what they know."""

import logging
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


def send(address: str, name: str, **facts: Any) -> bool:
    """Send a letter; returns whether it went out. What mail servers do is logged, never raised, and names nobody."""
    known = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "test_shop": settings.TEST_SHOP, **facts}
    subject = " ".join(render_to_string(f"{name}.subject.txt", known).split())
    mail = EmailMultiAlternatives(subject, render_to_string(f"{name}.txt", known), to=[address])
    mail.attach_alternative(render_to_string(f"{name}.html", known), "text/html")
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        logger.warning("mail not sent", extra={"letter": name, "error": type(error).__name__})
        return False
    return True
