"""The picture that a link to a shown picture is previewed with, for whoever has the link."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from generation import share_cards
from generation.models import Publication

# Whoever fetches it asks again soon: a link that was taken back leads nowhere. The address itself never changes.
_KEPT_SECONDS = 60


@require_safe
def share_card(request: HttpRequest, token: str) -> HttpResponseBase:
    """Send it; search engines are to keep none of a picture that only a link leads to."""
    shown = get_object_or_404(Publication.objects.open().select_related("image"), token=token)
    etag = f'"{shown.image.sha256}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        try:
            answer = HttpResponse(share_cards.render(shown.image), content_type="image/jpeg")
        except FileNotFoundError:
            raise Http404 from None
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}"
    if not shown.is_listed:
        answer.headers["X-Robots-Tag"] = "noindex"
    return answer
