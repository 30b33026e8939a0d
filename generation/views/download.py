"""The lossless original, under a name that says what it is."""

import uuid
from pathlib import PurePath

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation.models import Image


@require_safe
@signed_in
def download(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Send the file; its name begins with the prompt and ends with the seed."""
    image = get_object_or_404(Image.objects.visible_to(request.user).select_related("job"), pk=image_id)
    try:
        file = default_storage.open(image.file)
    except FileNotFoundError:
        raise Http404 from None
    words = slugify(image.title)[:60].strip("-") or "picture"
    name = f"{words}-{image.seed}{PurePath(image.file).suffix}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=image.content_type)
