"""What is new."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from getimg_site import structured_data
from getimg_site.changelog import changelog_html


@require_safe
def changelog(request: HttpRequest) -> HttpResponse:
    """Show it."""
    return render(
        request,
        "getimg_site/changelog.html",
        {"changelog": changelog_html(), "structured": structured_data.of_changelog()},
    )
