"""The pictures that one can choose in the editor: a page of the library as buttons."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import gallery
from generation.views.create import uuid_or_none

PAGE_SIZE = 24


@require_safe
@signed_in
def editor_pictures(request: SignedInRequest) -> HttpResponseBase:
    """Answer with the newest pictures older than `before`, and the way on."""
    page = gallery.page(request.user, before=uuid_or_none(request.GET.get("before")), size=PAGE_SIZE)
    return render(request, "generation/_editor_pictures.html", {"page": page})
