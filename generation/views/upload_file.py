"""A picture that somebody brought along, to nobody but its owner."""

import uuid

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation.models import Upload


@require_safe
@signed_in
def upload_file(request: SignedInRequest, upload_id: uuid.UUID) -> HttpResponseBase:
    """Serve the file from the site's own address, wherever it lies: a canvas may read only such."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user), pk=upload_id)
    try:
        response = FileResponse(default_storage.open(upload.file), content_type="image/png")
    except FileNotFoundError:
        raise Http404 from None
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
