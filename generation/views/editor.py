"""The editor: a picture, tools to change it with, and what came of them."""

import uuid

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import editor as editing
from generation.editor import Branch, Opened
from generation.price_tag import credits_of
from generation.views.create import is_advanced_open, uuid_or_none


@require_safe
@signed_in
def editor(request: SignedInRequest, image_id: uuid.UUID | None = None) -> HttpResponseBase:
    """Show the editor with a picture of the reader's, an upload (`?upload=`), or none; `?tool=` chooses the tool.

    `?branch=` names a run: its tool and settings come with the picture that it began from. `?example=` names one of
    the site's own pictures, and comes with the settings to try on it. `?from=` names a picture: all that it
    was made with comes, its own seed and words, and what was painted.
    """
    branch = _branch(request)
    if branch and not branch.is_whole:
        messages.warning(request, gettext("Not all that it was made from is still here. Look before you send it."))
    opened = branch.opened if branch else _opened(request, image_id)
    tool = branch.task if branch else request.GET.get("tool", "")
    form = editing.form_of(opened, tool, user=request.user, is_advanced_open=is_advanced_open(request))
    context = {"form": form, "opened": opened, "branch": branch, "credits": credits_of(request.user), "nav": "edit"}
    return render(request, "generation/editor.html", context)


def _branch(request: SignedInRequest) -> Branch | None:
    if name := request.GET.get("example"):
        return editing.branch_of_example(name, request.GET.dict())
    run, picture = (uuid_or_none(request.GET.get(name)) for name in ("branch", "from"))
    try:
        if picture:
            return editing.recall(request.user, picture)
        return editing.branch_from(request.user, run) if run else None
    except ObjectDoesNotExist:
        raise Http404 from None


def _opened(request: SignedInRequest, image_id: uuid.UUID | None) -> Opened | None:
    upload_id = uuid_or_none(request.GET.get("upload"))
    try:
        if image_id:
            return editing.open_image(request.user, image_id)
        return editing.open_upload(request.user, upload_id) if upload_id else None
    except ObjectDoesNotExist:
        raise Http404 from None
