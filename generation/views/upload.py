"""Bring a picture along, or a mask that was painted."""

from allauth.core import ratelimit
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import uploads
from generation.errors import PictureRefused
from generation.models import Upload

# What a form says around its file.
_AROUND_BYTES = 64 * 1024
_STATUS = {"not_a_picture": 415, "file_too_large": 413, "quota_reached": 429, "too_many_uploads": 429}


@csrf_exempt  # the token is asked for below: looking for it reads the body, whose length must be known before
@require_POST
def upload(request: HttpRequest) -> HttpResponseBase:
    """Keep the form's file: answer with its address and size, or with why it cannot be taken."""
    limit = settings.INPUT_IMAGE_MAX_BYTES
    if int(request.headers.get("Content-Length") or 0) > limit + _AROUND_BYTES:
        return _refused(
            PictureRefused(
                "file_too_large", gettext("%(value)s MB are the most a file may have.") % {"value": limit // 1_000_000}
            )
        )
    return _of_person(request)


@csrf_protect
@signed_in
def _of_person(request: SignedInRequest) -> HttpResponseBase:
    file = request.FILES.get("file")
    try:
        if not isinstance(file, UploadedFile):
            raise PictureRefused("missing_field", gettext("Choose a file."))
        if not ratelimit.consume(request, action="upload", user=request.user):
            raise PictureRefused("too_many_uploads", gettext("These were many pictures at once. Go on in a minute."))
        kind = Upload.Kind.MASK if request.POST.get("kind") == Upload.Kind.MASK else Upload.Kind.PICTURE
        kept = uploads.keep(request.user, file.read(), kind=kind)
    except PictureRefused as error:
        return _refused(error)
    return JsonResponse(_facts(kept.upload), status=201 if kept.is_new else 200)


def _facts(upload: Upload) -> dict[str, object]:
    url = reverse("generation:upload_file", args=[upload.pk])
    size = {"width": upload.width, "height": upload.height}
    return {"id": str(upload.pk), "ref": upload.reference, "url": url, **size, "sha256": upload.sha256}


def _refused(error: PictureRefused) -> HttpResponseBase:
    problem = {"error": {"code": error.code, "message": str(error)}}
    return JsonResponse(problem, status=_STATUS.get(error.code, 422))
