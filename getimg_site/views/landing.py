"""The first page: what this is and costs, and a prompt to begin with."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.views.invite import invite
from billing import price_list
from generation import pricing
from generation.params import PROMPT_MAX_LENGTH
from generation.task_names import VIDEO_TASK
from generation.views.create import PROMPT_SESSION_KEY


@require_http_methods(["GET", "HEAD", "POST"])
def landing(request: HttpRequest) -> HttpResponseBase:
    """Greet; `?ref=<code>` is an invite, and a prompt that is sent from here waits until its writer has signed up."""
    if request.method != "POST":
        if code := request.GET.get("ref"):
            return invite(request, code, lead_to="landing")
        context = {
            "prompt_max_length": PROMPT_MAX_LENGTH,
            "samples": samples(),
            "offers": price_list.price_list(None).plans,
            "training_credits": pricing.TRAINING_CREDITS,
            "video_credits": pricing.TASK_WEIGHTS[VIDEO_TASK],
            "invites_bring_credits": settings.REFERRAL_CREDITS or settings.REFERRAL_PAID_CREDITS,
            "api_url": f"https://{settings.API_HOST}" if settings.API_HOST else settings.SITE_URL,
        }
        return render(request, "getimg_site/landing.html", context)
    request.session[PROMPT_SESSION_KEY] = request.POST.get("prompt", "").strip()[:PROMPT_MAX_LENGTH]
    if request.user.is_authenticated:
        return redirect("generation:create")
    query = urlencode({"next": reverse("generation:create")})
    return HttpResponseRedirect(f"{reverse('account_signup')}?{query}")


@cache
def samples() -> list[dict[str, Any]]:
    """Return the pictures that show what the starter model draws: file, size, prompt."""
    listed = finders.find("img/samples/samples.json")
    if not listed:
        return []
    found: list[dict[str, Any]] = json.loads(Path(str(listed)).read_text())
    return found
