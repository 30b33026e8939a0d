"""Private files by signed link: from disk, or by a redirect to the bucket's own signed link."""

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from generation import storage


@require_safe
def media(request: HttpRequest, expires: int, signature: str, key: str) -> HttpResponseBase:
    """Serve one stored file; a link that was changed or has expired leads nowhere."""
    if not storage.is_signed(key, expires, signature):
        raise Http404
    response: HttpResponseBase
    if settings.S3_BUCKET:
        response = HttpResponseRedirect(default_storage.url(key))
    else:
        try:
            response = FileResponse(default_storage.open(key))
        except FileNotFoundError:
            raise Http404 from None
    response["Cache-Control"] = f"private, max-age={settings.MEDIA_LINK_SECONDS}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
