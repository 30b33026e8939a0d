"""A style put on the prompt, or taken off: what the form's fields become."""

from django.http import Http404, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import presets, styles
from generation.styles import Text


@require_POST
@signed_in
def style(request: SignedInRequest) -> HttpResponseBase:
    """Answer with the fields' new values; without a `style`, the one that is on is taken off."""
    text = Text(request.POST.get("prompt", "").strip(), request.POST.get("negative_prompt", "").strip())
    known = presets.styles_of(request.user)
    key = request.POST.get("style", "")
    chosen = presets.find(request.user, key) if key else None
    if key and chosen is None:
        raise Http404
    if chosen and chosen.ends and not text.prompt:
        return JsonResponse(
            {"error": gettext("Describe what you want to see first: a style goes around it.")}, status=422
        )
    found = styles.put_on(chosen, text, known) if chosen else styles.take_off(text, known)
    answer = {"prompt": found.prompt, "negative_prompt": found.negative_prompt}
    return JsonResponse({**answer, "settings": chosen.settings if chosen else {}})
