"""How pages travel: compressed, and not at all where the browser still has them as they are."""

import hashlib
import re

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.http import ConditionalGetMiddleware

# A page's CSRF tokens are one secret, masked anew each time it is written.
_MASKED_TOKEN = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")\w{64}(?=")|(?<="X-CSRFToken": ")\w{64}(?=")')
_TEXTS = ("text/", "application/json", "application/xml")


class CompressedPagesMiddleware(GZipMiddleware):
    """Send text compressed to who takes it so; what is streamed (files, zips, tables) goes as it is.

    The length is blurred by Django's random bytes, which what guesses secrets by it (BREACH) would have to average out.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress it where it is text."""
        if response.streaming or not response.get("Content-Type", "").startswith(_TEXTS):
            return response
        return super().process_response(request, response)


class UnchangedPagesMiddleware(ConditionalGetMiddleware):
    """Answer 304 where a page is as the browser has it; how its CSRF tokens are masked makes no difference.

    The secret behind them does: after a log-in the tokens of an older page are refused. Pages that are not to be
    kept (`no-store`) get no tag.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Tag a page, and answer 304 where the browser named that tag."""
        if request.method != "GET" or response.status_code != 200 or not isinstance(response, HttpResponse):
            return response
        if self.needs_etag(response) and not response.has_header("ETag"):
            response.headers["ETag"] = _tag(request, response.content)
        return super().process_response(request, response)


def _tag(request: HttpRequest, content: bytes) -> str:
    secret = request.META.get("CSRF_COOKIE", "")
    digest = hashlib.sha256(secret.encode() + b"\x00" + _MASKED_TOKEN.sub(b"", content))
    return f'W/"{digest.hexdigest()[:32]}"'
