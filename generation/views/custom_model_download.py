"""The LoRA itself, under a name that says what it is."""

import uuid

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation.views.custom_model import own_model


@require_safe
@signed_in
def custom_model_download(request: SignedInRequest, model_id: uuid.UUID) -> HttpResponseBase:
    """Send the safetensors file of the reader's own model."""
    model = own_model(request, model_id)
    if not model.is_ready:
        raise Http404
    try:
        file = default_storage.open(model.weights)
    except FileNotFoundError:
        raise Http404 from None
    name = f"{slugify(model.name)[:60].strip('-') or 'model'}-{model.base_model}.safetensors"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")
