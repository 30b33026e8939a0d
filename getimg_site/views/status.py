"""Whether the studio works right now, for everybody to see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from generation import queue_health
from getimg_site.views.health import cache_answers


@require_safe
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """Show the parts and the queue's figures. Without its database this page does not answer at all."""
    context = {"queue": queue_health.look(), "cache_answers": cache_answers()}
    return render(request, "getimg_site/status.html", context)
