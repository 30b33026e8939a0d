"""Fetch a picture that somebody named by its address: over the open internet only, ten seconds, so many bytes.

The guards are those of webhooks (`web_address`, `public_line`), and each redirect passes all of them again. What comes
back is a PNG, JPEG or WebP by its declared type and by its first bytes, or an error that says what to change: nothing
else that stands at an address is ever shown to who named it. Whether it can be opened is for the one who opens it.
Nothing here belongs inside a transaction.
"""

import http.client
import ssl
import time
from urllib.parse import urldefrag, urljoin

from django.conf import settings
from django.utils.translation import gettext

from accounts import switches
from accounts.models import Feature
from generation import public_line, web_address
from generation.errors import AddressRefused, ImageNotFetched
from generation.web_address import Resolver

TOTAL_SECONDS = 10.0
REDIRECTS_MAX = 3
# `image/jpg` is no registered type, and yet said by many.
_CONTENT_TYPES = frozenset({"image/png", "image/jpeg", "image/jpg", "image/webp"})
_HEADERS_MAX_BYTES = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK_BYTES = 64 * 1024


def fetch(
    url: str,
    *,
    resolver: Resolver = web_address.resolve,
    tls: ssl.SSLContext | None = None,
    total_seconds: float = TOTAL_SECONDS,
) -> bytes:
    """Return the file of the picture at `url`: INPUT_IMAGE_MAX_MB megabytes at most.

    Raises: ImageNotFetched, FeatureOff where an operator turned it off.
    """
    switches.check(Feature.FETCHING)
    deadline = time.monotonic() + total_seconds
    try:
        for _ in range(REDIRECTS_MAX + 1):
            found = _look(url, deadline, resolver, tls)
            if isinstance(found, bytes):
                return found
            url = found
    except public_line.TROUBLES as error:
        why = public_line.in_words(error, seconds=TOTAL_SECONDS, limit=_HEADERS_MAX_BYTES)
        raise ImageNotFetched(why) from None
    raise ImageNotFetched(gettext("The address leads on more than %(most)s times.") % {"most": REDIRECTS_MAX})


def _look(url: str, deadline: float, resolver: Resolver, tls: ssl.SSLContext | None) -> bytes | str:
    """Return the file, or where it is to be found. Raises: ImageNotFetched and `public_line.TROUBLES`."""
    place = web_address.parse(url, is_plain_allowed=True)
    limit = settings.INPUT_IMAGE_MAX_BYTES + _HEADERS_MAX_BYTES
    headers = {"Accept": "image/png, image/jpeg, image/webp", "User-Agent": f"getimg ({settings.SITE_URL})"}
    with public_line.connect(place, deadline=deadline, limit=limit, resolver=resolver, tls=tls) as line:
        answer = public_line.request(line, "GET", place, headers)
        if answer.status in _REDIRECTS:
            return _next(url, answer.headers.get("Location", ""))
        if answer.status != 200:
            words = gettext("The server answered with status %(status)s; 200 is needed.")
            raise ImageNotFetched(words % {"status": answer.status})
        _check_type(answer)
        content = _read(answer)
    if not _is_picture(content):
        raise ImageNotFetched(gettext("What is there is not a PNG, JPEG or WebP picture, whatever its type says."))
    return content


def _next(url: str, location: str) -> str:
    """Return where a redirect leads; the part after “#” is for browsers."""
    if not location:
        raise AddressRefused(gettext("The address leads on, and does not say where to."))
    try:
        return urldefrag(urljoin(url, location)).url
    except ValueError:
        raise AddressRefused(gettext("The address leads on to one that is not a web address.")) from None


def _check_type(answer: http.client.HTTPResponse) -> None:
    declared = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if declared not in _CONTENT_TYPES:
        if not declared or not declared.isprintable():
            words = gettext("What is there has no type; a picture must be image/png, image/jpeg or image/webp.")
            raise ImageNotFetched(words)
        words = gettext(
            "What is there is of the type “%(type)s”; a picture must be image/png, image/jpeg or image/webp."
        )
        raise ImageNotFetched(words % {"type": declared[:40]})


def _read(answer: http.client.HTTPResponse) -> bytes:
    limit = settings.INPUT_IMAGE_MAX_BYTES
    too_large = ImageNotFetched(
        gettext("The picture is over %(most)s MB large, which is the most.") % {"most": limit // 1_000_000}
    )
    if (answer.length or 0) > limit:
        raise too_large
    found = bytearray()
    try:
        while part := answer.read1(_CHUNK_BYTES):
            found += part
            if len(found) > limit:
                raise too_large
    except ValueError:  # a chunk of negative length
        raise http.client.HTTPException from None
    if answer.length:
        raise ConnectionError("fewer bytes came than were announced")
    return bytes(found)


def _is_picture(content: bytes) -> bool:
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return is_webp or content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))
