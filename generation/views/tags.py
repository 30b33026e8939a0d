"""A person's tags, for the fields that offer them."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation.models import Tag

_OFFERED_MAX = 500


@require_safe
@signed_in
def tags(request: SignedInRequest) -> HttpResponseBase:
    """Answer with the reader's tags as options."""
    found = Tag.objects.visible_to(request.user).order_by("name")[:_OFFERED_MAX]
    return render(request, "generation/_tags.html", {"tags": found})
