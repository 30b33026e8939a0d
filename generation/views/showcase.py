"""The showcase: what people chose to show, newest first; of one tag, of one author. Where the operator wants one."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import switches
from accounts.errors import FeatureOff
from accounts.models import Feature, User
from generation import structured_data
from generation.showcase import page, tags
from generation.views.create import uuid_or_none


@require_safe
def showcase(request: HttpRequest, author_id: uuid.UUID | None = None) -> HttpResponseBase:
    """Show a page of the showcase."""
    _enter()
    author = get_object_or_404(User, pk=author_id, is_active=True) if author_id else None
    tag = " ".join(request.GET.get("tag", "").replace("\x00", " ").split())[:40]
    found = page(before=uuid_or_none(request.GET.get("before")), tag=tag, author=author)
    if author and not found.shown and "before" not in request.GET:
        raise Http404  # whoever shows nothing has no page
    context: dict[str, Any] = {"page": found, "tag": tag, "author": author}
    context["structured"] = structured_data.of_author(author, found.shown) if author else None
    return render(request, "generation/showcase.html", context)


@require_safe
def showcase_tags(request: HttpRequest) -> HttpResponseBase:
    """List the tags of what is shown, the most used first."""
    _enter()
    return render(request, "generation/showcase_tags.html", {"tags": tags()})


def _enter() -> None:
    """Let people in. Raises: Http404 where this site has no showcase, FeatureOff where an operator turned it off."""
    try:
        switches.check(Feature.SHOWCASE)
    except FeatureOff as error:
        if error.is_by_operator:
            raise
        raise Http404 from None
