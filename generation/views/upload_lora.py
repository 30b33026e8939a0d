"""Bring a LoRA along that was made elsewhere."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from generation import custom_models, lora_checks, lora_uploads
from generation.errors import CustomModelRefused, LoraRefused
from generation.lora_uploads import Brought
from generation.models import CustomModel
from generation.price_tag import credits_of

# What a form says around its file.
_AROUND_BYTES = 64 * 1024


@csrf_exempt  # the token is asked for below: looking for it reads the body, whose length must be known before
@require_http_methods(["GET", "HEAD", "POST"])
def upload_lora(request: HttpRequest) -> HttpResponseBase:
    """Show the form; check the file that comes and make a model of it, or say why it cannot be."""
    if int(request.headers.get("Content-Length") or 0) > lora_checks.FILE_MAX_BYTES + _AROUND_BYTES:
        return _too_large(request)
    return _of_person(request)


@signed_in
def _too_large(request: SignedInRequest) -> HttpResponseBase:
    """Answer without reading the body."""
    most = lora_checks.FILE_MAX_BYTES // 1_000_000
    words = gettext("%(value)s MB are the most a file may have.") % {"value": most}
    return _form(request, {}, {"file": words}, status=413)


@csrf_protect
@signed_in
def _of_person(request: SignedInRequest) -> HttpResponseBase:
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            model = _keep(request)
        except LoraRefused as error:
            errors["file"] = str(error)
        except CustomModelRefused as error:
            errors[error.field] = str(error)
        else:
            messages.success(request, gettext("The file is whole and fits. Your model is ready."))
            return redirect("generation:model", model.pk)
    return _form(request, request.POST, errors, status=422 if errors else 200)


def _form(
    request: SignedInRequest, values: Mapping[str, object], errors: dict[str, str], *, status: int
) -> HttpResponseBase:
    stored, places = custom_models.places(request.user)
    context = {"values": values, "errors": errors, "bases": lora_uploads.bases(), "stored": stored}
    context |= {"places": places, "nav": "models", "credits": credits_of(request.user)}
    context["most"] = lora_checks.FILE_MAX_BYTES
    return render(request, "generation/upload_lora.html", context, status=status)


def _keep(request: SignedInRequest) -> CustomModel:
    """Raises: LoraRefused, CustomModelRefused."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise LoraRefused("missing_field", gettext("Choose a file."))
    words = {name: " ".join(request.POST.get(name, "").split()) for name in ("name", "base_model", "trigger_word")}
    Path(settings.SCRATCH_DIR).mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=settings.SCRATCH_DIR, suffix=".safetensors") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        return lora_uploads.keep(request.user, Path(copy.name), Brought(**words))
