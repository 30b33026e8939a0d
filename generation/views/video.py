"""Video: a picture, how it is to move, and what came of it."""

import uuid

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from accounts import switches
from accounts.access import SignedInRequest, signed_in
from accounts.models import Feature
from generation import editor, gallery, video_form
from generation.faces import faces_of
from generation.price_tag import credits_of
from generation.task_names import VIDEO_TASK
from generation.video_form import VideoForm
from generation.views.create import is_advanced_open, uuid_or_none


@require_safe
@signed_in
def video(request: SignedInRequest, image_id: uuid.UUID | None = None) -> HttpResponseBase:
    """Show the form with a picture of the reader's, an upload (`?upload=`), or none, and the newest videos.

    `?branch=` names a run, `?from=` a video: its pictures and settings are taken over.
    """
    form = _form(request, image_id)
    if not form.is_whole:
        messages.warning(request, gettext("Not all that it was made from is still here. Look before you send it."))
    runs = gallery.recent_runs(request.user, task=VIDEO_TASK)
    context = {
        "form": form,
        "runs": faces_of(runs.jobs, request.user),
        "nav": "video",
        "switched_off": switches.said(Feature.VIDEO),
    }
    return render(request, "generation/video.html", {**context, "credits": credits_of(request.user)})


def _form(request: SignedInRequest, image_id: uuid.UUID | None) -> VideoForm:
    upload_id, run_id, made_id = (uuid_or_none(request.GET.get(name)) for name in ("upload", "branch", "from"))
    opened = None
    try:
        if image_id:
            opened = editor.open_image(request.user, image_id)
        elif upload_id:
            opened = editor.open_upload(request.user, upload_id)
        form = video_form.form_of(opened, request.user, is_advanced_open=is_advanced_open(request))
        if made_id:
            return video_form.recalled(form, request.user, made_id)
        return video_form.branched(form, request.user, run_id) if run_id else form
    except ObjectDoesNotExist:
        raise Http404 from None
