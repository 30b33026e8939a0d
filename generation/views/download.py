"""The lossless original, or a video as the kind of file that is wanted, under a name that says what it is."""

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
    """Send the file; its name begins with the prompt and ends with the seed. `?kind=`: mp4, webp, gif or poster."""
    pictures = Image.objects.visible_to(request.user).select_related("job", "clip")
    image = get_object_or_404(pictures, pk=image_id)
    key = _file_of(image, request.GET.get("kind", ""))
    try:
        file = default_storage.open(key)
    except FileNotFoundError:
        raise Http404 from None
    words = slugify(image.title)[:60].strip("-") or "picture"
    name = f"{words}-{image.seed}{PurePath(key).suffix}"
    return FileResponse(file, as_attachment=True, filename=name)


def _file_of(image: Image, kind: str) -> str:
    """Return the key of what is wanted; of a video its MP4, where nothing is said. Raises: Http404."""
    clip = image.video
    if clip is None:
        return image.file
    kinds = {"": clip.mp4, "mp4": clip.mp4, "webp": clip.webp, "gif": clip.gif, "poster": image.file}
    if kind not in kinds:
        raise Http404
    return kinds[kind]
