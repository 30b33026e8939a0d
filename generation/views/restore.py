"""Bring a deleted picture back."""

import uuid

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import gallery
from generation.models import Image


@require_POST
@signed_in
def restore(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Undo a deletion and show the picture."""
    gallery.restore(get_object_or_404(Image, pk=image_id, user=request.user))
    return redirect("generation:picture", image_id)
