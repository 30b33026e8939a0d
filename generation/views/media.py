"""Private files by signed link: from disk, whole or in parts, or by a redirect to the bucket's own signed link."""

import hashlib
import mimetypes

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from generation import byte_ranges, storage
from generation.byte_ranges import ByteRange, NotSatisfiable


@require_safe
def media(request: HttpRequest, expires: int, signature: str, key: str) -> HttpResponseBase:
    """Serve one stored file; a link that was changed or has expired leads nowhere."""
    if not storage.is_signed(key, expires, signature):
        raise Http404
    response: HttpResponseBase
    if settings.S3_BUCKET:
        response = HttpResponseRedirect(default_storage.url(key))
    else:
        try:
            response = _from_disk(request, key)
        except FileNotFoundError:
            raise Http404 from None
    response["Cache-Control"] = f"private, max-age={settings.MEDIA_LINK_SECONDS}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    # Whose program drew a picture may show it on pages of theirs.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _from_disk(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer with the file, or with the part that is asked for. Raises: FileNotFoundError."""
    file = default_storage.open(key)
    # A key is never written twice: its name says what is in it.
    tag, size = f'"{hashlib.sha256(key.encode()).hexdigest()[:16]}"', file.size
    response: HttpResponseBase
    try:
        part = _asked(request, tag, size)
    except NotSatisfiable:
        file.close()
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        response = _partial(file, part, size) if part else FileResponse(file)
    response["Accept-Ranges"], response["ETag"] = "bytes", tag
    return response


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
