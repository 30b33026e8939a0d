"""Whether the studio works right now, for everybody to see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from getimg_site import studio_status


@require_safe
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """Show the parts, what operators say, and the queue's figures; without the database, `StatusMiddleware` answers."""
    now, notices = studio_status.look(), list(studio_status.incidents())
    context = {
        "queue": now.queue,
        "parts": now.parts,
        "level": now.level,
        "going_on": [notice for notice in notices if notice.ended_at is None],
        "over": [notice for notice in notices if notice.ended_at is not None],
    }
    return render(request, "getimg_site/status.html", context)
