"""Check a picture's licence: by its file, its checksum or its certificate. For everybody."""

import hashlib
import uuid

from allauth.core import ratelimit
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from generation import certificates, content_credentials, signed_files, verification
from generation.content_credentials import Credentials
from generation.upload_digest import UploadDigest
from generation.verification import Answer, NotUnderstood

FILE_MAX_BYTES = 64 * 1024 * 1024
# Pictures of up to so many are kept in memory while their content credentials are read.
CREDENTIALS_MAX_BYTES = 24 * 1024 * 1024


@csrf_exempt  # nothing changes here, and the token would be looked for before the file's handler is in its place
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponseBase:
    """Show the form, and the answer to what was asked."""
    if request.method == "POST":
        return _asked(request)
    try:
        answer = _linked(request)
    except ValueError:
        return _page(
            request, error=gettext("This link is not whole. Choose the file, or paste its SHA-256."), status=400
        )
    return _page(request, answer=answer)


def _linked(request: HttpRequest) -> Answer | None:
    """Answer for a link, as certificates and the metadata of files carry them. Raises: ValueError."""
    if "sha256" in request.GET:
        return verification.of_text(request.GET["sha256"])
    if "picture" in request.GET:
        return verification.of_picture(uuid.UUID(request.GET["picture"]))
    return None


def _asked(request: HttpRequest) -> HttpResponseBase:
    if not ratelimit.consume(request, action="verify"):
        return _page(request, error=gettext("That were many questions at once. Ask again in a minute."), status=429)
    upload = UploadDigest(max_bytes=FILE_MAX_BYTES, keep_bytes=CREDENTIALS_MAX_BYTES)
    request.upload_handlers = [upload]
    text = request.POST.get("text", "").strip()  # reads the file, too
    if upload.is_too_large:
        words = gettext("This file has %(size)s bytes; up to %(most)s are read.") % {
            "size": f"{upload.size_bytes:,}",
            "most": f"{FILE_MAX_BYTES:,}",
        }
        return _page(request, error=words, status=422)
    kind = content_credentials.kind_of(upload.content)
    if kind and (found := content_credentials.read(upload.content, kind)):
        return _page(request, answer=_on_record(upload, found), credentials=found)
    is_short = upload.size_bytes <= certificates.MAX_BYTES
    certificate = certificates.in_file(upload.content) if is_short else ""
    if upload.has_file and not certificate:
        return redirect(f"{reverse('generation:verify')}?sha256={_on_record_as(upload)}")
    return _answer_text(request, certificate or text)


def _on_record_as(upload: UploadDigest) -> str:
    """Return the checksum to ask for: of a file that was told what it shows, the one that it had before."""
    bare = signed_files.undescribed(upload.content)
    before = hashlib.sha256(bare).hexdigest()
    is_known = bare is not upload.content and verification.of_checksum(before).proof is not None
    return before if is_known else upload.sha256


def _on_record(upload: UploadDigest, credentials: Credentials) -> Answer:
    """Answer for a file with content credentials: they name its picture, for its own checksum is on no record."""
    answer = verification.of_checksum(upload.sha256)
    if answer.proof is None and credentials.is_ours and credentials.picture:
        return verification.of_picture(uuid.UUID(credentials.picture))
    return answer


def _answer_text(request: HttpRequest, text: str) -> HttpResponseBase:
    if not text:
        return _page(request, error=gettext("Choose a file, or paste its SHA-256 or its certificate."), status=422)
    try:
        return _page(request, answer=verification.of_text(text))
    except NotUnderstood as error:
        return _page(request, error=str(error), text=text, status=422)


def _page(
    request: HttpRequest,
    *,
    answer: Answer | None = None,
    credentials: Credentials | None = None,
    error: str = "",
    text: str = "",
    status: int = 200,
) -> HttpResponseBase:
    context = {"answer": answer, "credentials": credentials, "error": error, "text": text[:4000]}
    return render(request, "generation/verify.html", context, status=status)
