"""Private files by signed link: from disk, whole or in parts, or by a redirect to the bucket's own signed link.

A link of an owner's page asks nobody and is kept long. One that others follow asks each time whether they still may.
"""

import hashlib
import mimetypes
import time
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import get_resolver, get_urlconf
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from accounts.models import User
from generation import byte_ranges, shown_links, storage
from generation.byte_ranges import ByteRange, NotSatisfiable

# A browser that looks again within so long need not ask; a thumbnail that it has then costs an answer without a body.
_SHOWN_KEPT_SECONDS = 60
# Each redirect to a bucket is another address, of which nothing is in any cache: it is kept nearly as long as it works.
_REDIRECT_KEPT_SECONDS = shown_links.BUCKET_SECONDS - 60
# Signature Version 4 signs for a week at most.
_BUCKET_MOST_SECONDS = 7 * 86400


@require_safe
def media(request: HttpRequest, expires: int, signature: str, key: str) -> HttpResponseBase:
    """Serve one stored file to its owner; a link that was changed or has expired leads nowhere."""
    if not storage.is_signed(key, expires, signature):
        return _nothing(request)
    left = min(max(1, expires - int(time.time())), _BUCKET_MOST_SECONDS)
    return _served(request, key, left, f"private, max-age={min(settings.MEDIA_LINK_SECONDS, left)}, immutable")


@require_safe
def shown_media(request: HttpRequest, expires: int, signature: str, key: str) -> HttpResponseBase:
    """Serve a file of what its owner shows to others, as long as it is shown."""
    return _watched(request, key) if shown_links.holds(key, expires, signature) else _nothing(request)


@require_safe
def operators_media(request: HttpRequest, expires: int, signature: str, key: str) -> HttpResponseBase:
    """Serve a file to an operator who is signed in, also while they look at the site as somebody else."""
    is_operator = hasattr(request, "support_visit") or (isinstance(request.user, User) and request.user.is_staff)
    is_meant = is_operator and storage.is_signed(key, expires, signature, storage.OPERATORS)
    return _watched(request, key) if is_meant else _nothing(request)


def _nothing(request: HttpRequest) -> HttpResponseBase:
    """Say that a link leads nowhere, in the words of the host; nobody keeps that, for it may lead somewhere again."""
    answer: Any = get_resolver(get_urlconf()).resolve_error_handler(404)
    response: HttpResponseBase = answer(request, exception=Http404())
    response["Cache-Control"] = "no-store"
    return response


def _watched(request: HttpRequest, key: str) -> HttpResponseBase:
    """Serve a file that one may be allowed no more in a moment."""
    kept = _REDIRECT_KEPT_SECONDS if settings.S3_BUCKET else _SHOWN_KEPT_SECONDS
    return _served(request, key, shown_links.BUCKET_SECONDS, f"private, max-age={kept}")


def _served(request: HttpRequest, key: str, bucket_seconds: int, kept: str) -> HttpResponseBase:
    """Answer with a file; from a bucket it can be fetched for so many seconds. `kept`: how long by whom."""
    response: HttpResponseBase
    if settings.S3_BUCKET:
        bucket: Any = default_storage
        target = bucket.url(key, parameters={"ResponseCacheControl": kept}, expire=bucket_seconds)
        response = HttpResponseRedirect(target)
    else:
        try:
            response = _from_disk(request, key)
        except FileNotFoundError:
            return _nothing(request)
    response["Cache-Control"] = kept
    response["X-Content-Type-Options"] = "nosniff"
    # Whose program drew a picture may show it on pages of theirs.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _from_disk(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer with the file, with the part that is asked for, or that the browser has it. Raises: FileNotFoundError."""
    file = default_storage.open(key)
    # A key is never written twice: its name says what is in it.
    tag, size = f'"{hashlib.sha256(key.encode()).hexdigest()[:16]}"', file.size
    response: HttpResponseBase
    if (known := get_conditional_response(request, etag=tag)) is not None:
        file.close()
        response = known
    else:
        response = _whole_or_part(request, file, tag, size)
    response["Accept-Ranges"], response["ETag"] = "bytes", tag
    return response


def _whole_or_part(request: HttpRequest, file: File[bytes], tag: str, size: int) -> HttpResponseBase:
    try:
        part = _asked(request, tag, size)
    except NotSatisfiable:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    return _partial(file, part, size) if part else FileResponse(file)


def _asked(request: HttpRequest, tag: str, size: int) -> ByteRange | None:
    """Return the part that is asked for; of another file than this one, all of this. Raises: NotSatisfiable."""
    if request.headers.get("If-Range", tag) != tag:
        return None
    return byte_ranges.parse(request.headers.get("Range", ""), size)


def _partial(file: File[bytes], part: ByteRange, size: int) -> HttpResponseBase:
    kind = mimetypes.guess_type(file.name or "")[0] or "application/octet-stream"
    response = FileResponse(_Part(file, part), status=206, content_type=kind)
    response["Content-Range"] = f"bytes {part.start}-{part.end}/{size}"
    response["Content-Length"] = str(part.length)
    return response


class _Part:
    """A part of an open file, to be read once from its beginning; closing it closes the file."""

    def __init__(self, file: File[bytes], part: ByteRange) -> None:
        self._file, self._left = file, part.length
        file.seek(part.start)

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`."""
        block: bytes = self._file.read(min(size, self._left))
        self._left -= len(block)
        return block

    def close(self) -> None:
        """Close the file."""
        self._file.close()
