"""Guides to the settings, one a page, and the list of them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from getimg_site import guides as book
from getimg_site import structured_data


@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """List the guides and the prompt book."""
    covers = [(guide, stops[len(stops) // 2] if (stops := book.stops(guide)) else None) for guide in book.GUIDES]
    return render(
        request,
        "getimg_site/guides.html",
        {"covers": covers, "chapters": book.chapters(), "structured": structured_data.of_guides()},
    )


@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one guide. Raises: Http404."""
    found = book.BY_SLUG.get(slug)
    if found is None:
        raise Http404
    stops = book.stops(found)
    context = {"guide": found, "guides": book.GUIDES, "stops": stops, "middle": len(stops) // 2}
    context["structured"] = structured_data.of_guide(found)
    return render(request, "getimg_site/guide.html", context)
