"""A picture's reproducibility manifest as a file: for its owner alone."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import manifests
from generation.models import Image


@require_safe
@signed_in
def manifest(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponse:
    """Send the manifest."""
    pictures = Image.objects.visible_to(request.user).select_related("job", "clip", "environment")
    image = get_object_or_404(pictures, pk=image_id)
    headers = {
        "Content-Disposition": f'attachment; filename="manifest-{image.pk}.json"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(manifests.as_json(image), content_type="application/json", headers=headers)
