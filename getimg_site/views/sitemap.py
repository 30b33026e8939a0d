"""What search engines are told of: files of the site's own pages and of each day of the showcase."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from getimg_site import sitemaps

_TYPE = "application/xml"


@require_safe
@cache_control(public=True, max_age=sitemaps.KEPT_SECONDS)
def sitemap(request: HttpRequest) -> HttpResponse:
    """List the files."""
    files = [reverse("sitemap_of_pages"), *(reverse("sitemap_of_day", args=[day]) for day in sitemaps.days())]
    return render(request, "getimg_site/sitemap_index.xml", {"paths": files}, content_type=_TYPE)


@require_safe
@cache_control(public=True, max_age=sitemaps.KEPT_SECONDS)
def sitemap_of_pages(request: HttpRequest) -> HttpResponse:
    """List the site's own pages."""
    return render(request, "getimg_site/sitemap.xml", {"paths": sitemaps.pages()}, content_type=_TYPE)


@require_safe
@cache_control(public=True, max_age=sitemaps.KEPT_SECONDS)
def sitemap_of_day(request: HttpRequest, day: str) -> HttpResponse:
    """List what came into the showcase on a day: 2026-11-28. Raises: Http404 where nothing did that is still there."""
    try:
        paths = sitemaps.shown(date.fromisoformat(day))
    except (ValueError, OverflowError):
        raise Http404 from None
    if not paths:
        raise Http404
    return render(request, "getimg_site/sitemap.xml", {"paths": paths}, content_type=_TYPE)
