"""Guides to the features and to the settings, one a page, and the list of them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from getimg_site import feature_guides, structured_data
from getimg_site import guides as book
from getimg_site.feature_guides.pages import page_of
from getimg_site.feature_guides.shapes import Feature


@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """List the guides and the prompt book."""
    covers = [(guide, stops[len(stops) // 2] if (stops := book.stops(guide)) else None) for guide in book.GUIDES]
    context = {"features": feature_guides.FEATURES, "covers": covers, "chapters": book.chapters()}
    context["structured"] = structured_data.of_guides()
    return render(request, "getimg_site/guides.html", context)


@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one guide. Raises: Http404."""
    if feature := feature_guides.BY_SLUG.get(slug):
        return _feature(request, feature)
    found = book.BY_SLUG.get(slug)
    if found is None:
        raise Http404
    stops = book.stops(found)
    context = {"guide": found, "guides": book.GUIDES, "stops": stops, "middle": len(stops) // 2}
    context["structured"] = structured_data.of_guide(found, found.text)
    return render(request, "getimg_site/guide.html", context)


def _feature(request: HttpRequest, feature: Feature) -> HttpResponse:
    page = page_of(feature)
    context = {"guide": feature, "page": page, "guides": feature_guides.FEATURES}
    context["structured"] = structured_data.of_guide(feature, page.text)
    return render(request, "getimg_site/feature_guide.html", context)
