"""The API's clients, to be installed from here."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from getimg_site import client_archives


@require_safe
def client_archive(request: HttpRequest, language: str) -> HttpResponse:
    """Hand out a client's archive."""
    if language not in client_archives.FILES:
        raise Http404
    answer = HttpResponse(client_archives.archive(language), content_type="application/gzip")
    answer["Content-Disposition"] = f'attachment; filename="getimg-{language}.tar.gz"'
    return answer
