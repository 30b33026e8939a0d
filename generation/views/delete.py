"""Take a picture out of the library; the next page offers to bring it back."""

import uuid

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import gallery
from generation.models import Image


@require_POST
@signed_in
def delete(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Delete one of the reader's pictures."""
    gallery.delete(get_object_or_404(Image.objects.visible_to(request.user), pk=image_id))
    return HttpResponseRedirect(f"{reverse('generation:library')}?deleted={image_id}")
