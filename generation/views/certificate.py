"""A picture's licence certificate, to print and to check: for its owner alone."""

import uuid

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import certificate_pdf, certificates
from generation.models import Image


@require_safe
@signed_in
def certificate_as_json(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Send the signed facts."""
    image = _picture(request, image_id)
    return _file(image, certificates.issue(image).as_json().encode(), "json", "application/json")


@require_safe
@signed_in
def certificate_as_pdf(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Send the page to print."""
    image = _picture(request, image_id)
    try:
        with default_storage.open(image.thumbnail_640) as file:
            page = certificate_pdf.render(certificates.issue(image), file)
    except FileNotFoundError:
        raise Http404 from None
    return _file(image, page, "pdf", "application/pdf")


def _picture(request: SignedInRequest, image_id: uuid.UUID) -> Image:
    return get_object_or_404(Image.objects.visible_to(request.user).select_related("job", "user"), pk=image_id)


def _file(image: Image, content: bytes, suffix: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="licence-{image.sha256[:12]}.{suffix}"'
    response["Cache-Control"] = "private, no-store"
    return response
