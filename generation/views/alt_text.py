"""What a picture shows, for people who cannot see it."""

import uuid

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import moderation, shelving
from generation.errors import InvalidParams
from generation.models import Image
from generation.views.act import back_to_picture, shown_in
from generation.views.picture import page


@require_POST
@signed_in
def alt_text(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Keep the description; empty, the prompt describes the picture again."""
    image = get_object_or_404(Image.objects.visible_to(request.user), pk=image_id)
    try:
        shelving.describe(image, request.POST.get("alt_text", ""))
    except InvalidParams as error:
        typed, why = request.POST.get("alt_text", ""), moderation.said(error)
        return page(request, image.pk, shown_in(request), alt_text=typed, alt_error=why)
    messages.success(request, gettext("Description saved."))
    return back_to_picture(request, image.pk)
