"""A picture as another file: with its recipe or clean, as PNG, JPEG or WebP; a video as MP4, WebP or GIF, too."""

import uuid

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import renditions
from generation.models import Image


@require_safe
@signed_in
def rendition(request: SignedInRequest, image_id: uuid.UUID, way: str, kind: str) -> HttpResponseBase:
    """Send the file; a clean one has a name that says nothing either."""
    pictures = Image.objects.visible_to(request.user).select_related("job", "user", "clip")
    image = get_object_or_404(pictures, pk=image_id)
    made = renditions.kinds_of(image).get(kind)
    if way not in renditions.WAYS or made is None:
        raise Http404
    try:
        content = renditions.render(image, way, kind)
    except FileNotFoundError:
        raise Http404 from None
    plain = "video" if image.video else "picture"
    words = slugify(image.title)[:60].strip("-") or plain
    name = plain if way == "clean" else f"{words}-{image.seed}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}{made.suffix}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=made.content_type, headers=headers)
