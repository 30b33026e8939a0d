"""The lossless picture, or a video as the kind of file that is wanted, under a name that says what it is.

Each is told what the picture shows; `original` is the file as it is kept, whose checksum is on record.
"""

import io
import uuid
from pathlib import PurePath

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import signed_files
from generation.models import Image

ORIGINAL = "original"


@require_safe
@signed_in
def download(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Send the file; its name begins with the prompt and ends with the seed. `?kind=`: original, and of a video
    mp4, webp, gif or poster.
    """
    pictures = Image.objects.visible_to(request.user).select_related("job", "clip")
    image = get_object_or_404(pictures, pk=image_id)
    kind = request.GET.get("kind", "")
    key = _file_of(image, kind)
    try:
        file = default_storage.open(key) if kind == ORIGINAL else io.BytesIO(signed_files.described(image, key))
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
    kinds = {"mp4": clip.mp4, "webp": clip.webp, "gif": clip.gif, "poster": image.file}
    kinds |= {"": clip.mp4, ORIGINAL: clip.mp4}
    if kind not in kinds:
        raise Http404
    return kinds[kind]
