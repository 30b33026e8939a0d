"""Verify: draw a picture again and see how far what comes is from it."""

import uuid

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from generation import reproductions
from generation.errors import ReproductionRefused
from generation.models import Image
from generation.views.act import back_to_picture


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def reproduce(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Order it, or show how far it is; a page without scripts is shown the picture's page again."""
    pictures = Image.objects.visible_to(request.user).select_related("job", "clip", "environment")
    image = get_object_or_404(pictures, pk=image_id)
    refusal = ""
    if request.method == "POST":
        try:
            reproductions.order(request.user, image)
        except ReproductionRefused as error:
            refusal = str(error)
    if not request.htmx and not refusal:
        return back_to_picture(request, image.pk)
    context = {"image": image, "proof": reproductions.face_of(image), "refusal": refusal, "nav": "library"}
    template = "generation/_picture_proof.html" if request.htmx else "generation/proof.html"
    return render(request, template, context, status=422 if refusal and not request.htmx else 200)
