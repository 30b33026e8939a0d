"""The forecast as a calendar that other programs read, and the private address it lives at.

Written by hand: whole-day events need five lines of RFC 5545, and the tests parse them with a library. A feed has no
login, so its address is the key: signed, of one wallet, and void once the wallet's version has moved on.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import F

from billing.forecast import Fact
from billing.models import Wallet

LINE_OCTETS = 75
_SIGNER = Signer(salt="billing.calendar", sep=".")
_PRODUCT = "-//{name}//Credits//EN"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def token_of(wallet: Wallet) -> str:
    """Return the key that opens this wallet's calendar."""
    return _SIGNER.sign(f"{wallet.pk.hex}-{wallet.calendar_version}")


def wallet_of(token: str) -> Wallet | None:
    """Return whose calendar a key opens; None for one that is forged or was replaced."""
    try:
        key, _, version = _SIGNER.unsign(token).partition("-")
    except BadSignature:
        return None
    found = Wallet.objects.select_related("user", "plan").filter(pk=UUID(key), calendar_version=int(version))
    return found.filter(user__is_active=True).first()


def renew(wallet: Wallet) -> None:
    """Replace the address; the one before leads nowhere from now on."""
    Wallet.objects.filter(pk=wallet.pk).update(calendar_version=F("calendar_version") + 1)


def render(facts: Iterable[Fact], now: datetime) -> str:
    """Return the calendar as RFC 5545 has it. Source: RFC 5545, sections 3.1, 3.4 and 3.6.1."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_text(_PRODUCT.format(name=settings.SITE_NAME))}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(settings.SITE_NAME)} credits",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        "X-PUBLISHED-TTL:PT12H",
        *(line for fact in facts for line in _event(fact, now)),
        "END:VCALENDAR",
    ]
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _event(fact: Fact, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{fact.uid}@{urlsplit(settings.SITE_URL).hostname}"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{fact.on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{fact.on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(f'{settings.SITE_NAME}: {fact.title}')}"
    yield f"DESCRIPTION:{_text(fact.note)}"
    yield f"URL:{settings.SITE_URL}/settings/billing/"
    yield f"CATEGORIES:{fact.kind.upper()}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _text(words: str) -> str:
    """Return words as a TEXT value. Source: RFC 5545, section 3.3.11."""
    escaped = re.sub(r"([\\;,])", r"\\\1", _CONTROL.sub("", words))
    return re.sub(r"\r\n|\r|\n", r"\\n", escaped)


def _fold(line: str) -> str:
    """Break a line into pieces of at most 75 octets, none within a character. Source: RFC 5545, section 3.1."""
    pieces, piece, octets = [], "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS:
            pieces.append(piece)
            piece, octets = "", 1  # the space that a continued line begins with
        piece += character
        octets += size
    return "\r\n ".join([*pieces, piece])
