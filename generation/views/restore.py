"""Bring a deleted picture back."""

import uuid

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import gallery
from generation.models import Image
from generation.views.act import back_to_picture


@require_POST
@signed_in
def restore(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Undo a deletion and show the picture."""
    # One that is here again already is shown: the button was pressed twice.
    images = Image.objects.filter(user=request.user, purged_at__isnull=True).select_related("user")
    gallery.restore(get_object_or_404(images, pk=image_id))
    return back_to_picture(request, image_id)
