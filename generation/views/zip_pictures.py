"""Selected pictures, or everything that was found, as one zip."""

from django.contrib import messages
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import zips
from generation.errors import FieldError, InvalidParams
from generation.views.act import back_to_library, chosen_in


@require_POST
@signed_in
def zip_pictures(request: SignedInRequest) -> HttpResponseBase:
    """Send the zip while it is written."""
    try:
        way = _way_in(request)
        images = chosen_in(request)
    except InvalidParams as error:
        messages.error(request, error.errors[0].message)
        return back_to_library(request)
    name = f"pictures-{timezone.localdate():%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(
        zips.stream(images, way),
        content_type="application/zip",
        headers=headers,
    )


def _way_in(request: SignedInRequest) -> str:
    """Return what files are wanted. Raises: InvalidParams."""
    way = request.POST.get("files", zips.ORIGINAL)
    if way in zips.WAYS:
        return way
    words = gettext("“%(value)s” is not a way to save a picture; choose from %(ways)s.")
    raise InvalidParams([FieldError("files", words % {"value": way[:40], "ways": ", ".join(zips.WAYS)})])
