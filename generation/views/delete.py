"""Take a picture out of the library; the next page, of the next picture that was found, offers to bring it back."""

import uuid

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import gallery
from generation.models import Image
from generation.views.act import back_to_library, back_to_picture, shown_in


@require_POST
@signed_in
def delete(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Delete one of the reader's pictures."""
    image = get_object_or_404(Image.objects.visible_to(request.user), pk=image_id)
    newer, older = gallery.neighbours(image, shown_in(request))
    gallery.delete(image)
    if following := older or newer:
        return back_to_picture(request, following.pk, deleted=image_id)
    return back_to_library(request, deleted=image_id)
