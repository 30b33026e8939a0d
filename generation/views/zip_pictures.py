"""Selected pictures, or everything that was found, as one zip."""

from django.contrib import messages
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import zips
from generation.errors import InvalidParams
from generation.views.act import back_to_library, chosen_in


@require_POST
@signed_in
def zip_pictures(request: SignedInRequest) -> HttpResponseBase:
    """Send the zip while it is written."""
    try:
        images = chosen_in(request)
    except InvalidParams as error:
        messages.error(request, error.errors[0].message)
        return back_to_library(request)
    name = f"pictures-{timezone.localdate():%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(
        zips.stream(images, with_manifests=request.POST.get("manifests") == "yes"),
        content_type="application/zip",
        headers=headers,
    )
