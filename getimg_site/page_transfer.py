"""How pages travel: compressed, and not at all where the browser still has them as they are."""

import hashlib
import re
import secrets

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import patch_vary_headers

# A page's CSRF tokens are one secret, masked anew each time it is written.
_MASKED_TOKEN = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")\w{64}(?=")|(?<="X-CSRFToken": ")\w{64}(?=")')
# Keys of forms, new each time, too: on the page that says which run its reader sent last, unused until that changes.
_SAYS_NEWEST_RUN = b'<div class="studio" data-newest-run="'
_FORM_KEY = re.compile(rb'(?<=name="key" value=")[0-9a-f]{32}(?=")')
_TEXTS = ("text/", "application/json", "application/xml")
_TAKES_BROTLI = re.compile(r"\bbr\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
# A millisecond for a page of 50 kB, as gzip takes, and a tenth smaller.
_BROTLI_QUALITY = 5
# Less is not worth it, as in Django's own.
_LEAST_BYTES = 200


class CompressedPagesMiddleware(GZipMiddleware):
    """Send text compressed to who takes it so; what is streamed (files, zips, tables) goes as it is.

    The length is blurred by random bytes, which what guesses secrets by it (BREACH) would have to average out.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress it where it is text."""
        if response.streaming or not response.get("Content-Type", "").startswith(_TEXTS):
            return response
        if _TAKES_BROTLI.search(request.headers.get("Accept-Encoding", "")):
            self._pack_with_brotli(response)
        # Where it is packed already, Django's leaves it alone.
        return super().process_response(request, response)

    def _pack_with_brotli(self, response: HttpResponseBase) -> None:
        assert isinstance(response, HttpResponse)
        patch_vary_headers(response, ("Accept-Encoding",))
        if response.has_header("Content-Encoding") or len(response.content) < _LEAST_BYTES:
            return
        packed = brotli.Compressor(mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY)
        parts = [packed.process(response.content), packed.flush()]
        blurred = b"".join([*parts, _skipped(secrets.randbelow(self.max_random_bytes)), packed.finish()])
        if len(blurred) < len(response.content):
            response.content = blurred
            response.headers["Content-Length"] = str(len(blurred))
            response.headers["Content-Encoding"] = "br"
            tag = response.get("ETag", "")
            if tag.startswith('"'):
                response.headers["ETag"] = f"W/{tag}"  # RFC 9110, 8.8.1: of one text, two answers


def _skipped(count: int) -> bytes:
    """Return a block of metadata, which readers skip, with so many random bytes and one more.

    Source: RFC 7932, 9.2. From the lowest bit on: not the last block, kind 3, a reserved bit, one byte of length, the
    length less one; filled up to a whole byte.
    """
    header = 0b010110 | count << 6
    return header.to_bytes(2, "little") + secrets.token_bytes(count + 1)


class UnchangedPagesMiddleware(ConditionalGetMiddleware):
    """Answer 304 where a page is as the browser has it; masks of CSRF tokens and unused keys make no difference.

    The secret behind the tokens does: after a log-in the tokens of an older page are refused. Pages that are not to be
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
    if _SAYS_NEWEST_RUN in content:
        content = _FORM_KEY.sub(b"", content)
    digest = hashlib.sha256(secret.encode() + b"\x00" + _MASKED_TOKEN.sub(b"", content))
    return f'W/"{digest.hexdigest()[:32]}"'
