"""A prompt said better, and a picture put into words, by whoever is configured for it."""

import uuid

from django.contrib import messages
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from accounts import rate_limits
from accounts.access import SignedInRequest, signed_in
from accounts.models import User
from accounts.rate_limits import Rate
from generation import prompt_writing, storage
from generation.errors import WritingFailed
from generation.models import Image
from generation.params import PROMPT_MAX_LENGTH
from generation.views.create import PROMPT_SESSION_KEY

A_MINUTE = 10
_TOO_MANY = gettext_noop("That were many questions at once: %(count)s a minute can be asked.")
_NOBODY = gettext_noop("No model for this is set up on this site.")


@require_POST
@signed_in
def improve(request: SignedInRequest) -> HttpResponseBase:
    """Answer with the prompt, said better."""
    prompt = request.POST.get("prompt", "").strip()
    writer = prompt_writing.writer()
    if writer is None:
        return JsonResponse({"error": gettext(_NOBODY)}, status=422)
    if not prompt or len(prompt) > PROMPT_MAX_LENGTH:
        words = gettext("Write a prompt of 1 to %(most)s characters first.") % {"most": f"{PROMPT_MAX_LENGTH:,}"}
        return JsonResponse({"error": words}, status=422)
    if not _may_ask(request.user):
        return JsonResponse({"error": _too_many()}, status=429)
    try:
        return JsonResponse({"prompt": writer.improve(prompt)})
    except WritingFailed as error:
        return JsonResponse({"error": str(error)}, status=502)


@require_POST
@signed_in
def describe(request: SignedInRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Put one of the reader's pictures into words, and lead to Create with them."""
    image = get_object_or_404(Image.objects.visible_to(request.user), pk=image_id)
    writer = prompt_writing.writer()
    try:
        if writer is None or not _may_ask(request.user):
            messages.error(request, _too_many() if writer else gettext(_NOBODY))
            return redirect("generation:picture", image_id)
        request.session[PROMPT_SESSION_KEY] = writer.describe(storage.read(image.thumbnail_640))
    except (WritingFailed, FileNotFoundError):
        messages.error(request, str(WritingFailed()))
        return redirect("generation:picture", image_id)
    return redirect("generation:create")


def _may_ask(user: User) -> bool:
    return not any(standing.wait_seconds for standing in rate_limits.take([Rate("write", user.pk.hex, A_MINUTE)]))


def _too_many() -> str:
    return gettext(_TOO_MANY) % {"count": A_MINUTE}
