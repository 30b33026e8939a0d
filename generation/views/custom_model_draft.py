"""What is changed about a draft: its words, its pictures. Each answer shows what is still in the way."""

import uuid
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import custom_models, model_faces, model_forms, uploads
from generation.errors import CustomModelGone, CustomModelRefused, PictureRefused
from generation.models import CustomModel
from generation.price_tag import credits_of
from generation.views.custom_model import draft_context, own_model

_TOO_MANY = "too_many_uploads"


@require_POST
@signed_in
def save_draft(request: SignedInRequest, model_id: uuid.UUID) -> HttpResponseBase:
    """Keep what the form says, as far as it is right, and show what is not beside its field."""
    model = own_model(request, model_id)
    try:
        form = model_forms.save(model, model_forms.typed(request.POST))
    except CustomModelGone:
        return redirect("generation:model", model_id)
    if not request.htmx:
        return redirect("generation:model", model_id)
    context = {"face": model_faces.face_of(model), "form": form, "errors": form.errors}
    context |= draft_context(model, credits_of(request.user).balance)
    return render(request, "generation/_model_form.html", context)


@require_POST
@signed_in
def add_pictures(request: SignedInRequest, model_id: uuid.UUID) -> HttpResponseBase:
    """Add pictures: by the ids of uploads as the page's script sends them, or the files themselves."""
    model = own_model(request, model_id)
    refused = []
    sources: list[Any] = [*request.POST.getlist("upload"), *request.FILES.getlist("file")]
    for source in sources:
        try:
            _add(request, model, source)
        except (PictureRefused, CustomModelRefused, CustomModelGone) as error:
            refused.append(f"{getattr(source, 'name', gettext('A picture'))}: {error}")
            if not isinstance(error, PictureRefused) or error.code == _TOO_MANY:
                break  # the rest would fare no better
    return _pictures(request, model, refused)


@require_POST
@signed_in
def remove_picture(request: SignedInRequest, model_id: uuid.UUID, picture_id: int) -> HttpResponseBase:
    """Take a picture out."""
    model = own_model(request, model_id)
    try:
        custom_models.remove_picture(get_object_or_404(model.pictures, pk=picture_id))
    except CustomModelGone as error:
        return _pictures(request, model, [str(error)])
    return _pictures(request, model, [])


@require_POST
@signed_in
def caption_picture(request: SignedInRequest, model_id: uuid.UUID, picture_id: int) -> HttpResponseBase:
    """Keep what else is to be seen in a picture."""
    model = own_model(request, model_id)
    words = " ".join(request.POST.get("caption", "").split())
    try:
        custom_models.caption(get_object_or_404(model.pictures, pk=picture_id), words)
    except (CustomModelGone, CustomModelRefused) as error:
        return _pictures(request, model, [str(error)])
    return _pictures(request, model, [])


def _add(request: SignedInRequest, model: CustomModel, source: "str | UploadedFile[Any]") -> None:
    if isinstance(source, str):
        upload = uploads.find(request.user, source)
        if upload is None:
            raise PictureRefused("picture_gone", gettext("It is not there any more. Bring it again."))
    elif source.size is None or source.size > settings.INPUT_IMAGE_MAX_BYTES:
        most = settings.INPUT_IMAGE_MAX_BYTES // 1_000_000
        raise PictureRefused("file_too_large", gettext("%(most)s MB are the most a file may have.") % {"most": most})
    elif not ratelimit.consume(request, action="upload", user=request.user):
        raise PictureRefused(_TOO_MANY, gettext("These were many pictures at once. Go on in a minute."))
    else:
        custom_models.refuse_without_room(model)
        upload = uploads.keep(request.user, source.read()).upload
    custom_models.add_picture(model, upload)


def _pictures(request: SignedInRequest, model: CustomModel, refused: list[str]) -> HttpResponseBase:
    if not request.htmx:
        for words in refused:
            messages.error(request, words)
        return redirect("generation:model", model.pk)
    context = {"face": model_faces.face_of(model), "refused": refused}
    context |= draft_context(model, credits_of(request.user).balance)
    return render(request, "generation/_model_pictures.html", context)
