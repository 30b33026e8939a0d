"""The first page: what this is, and a prompt to begin with."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.views.invite import invite
from generation.params import PROMPT_MAX_LENGTH
from generation.views.create import PROMPT_SESSION_KEY


@require_http_methods(["GET", "HEAD", "POST"])
def landing(request: HttpRequest) -> HttpResponseBase:
    """Greet; `?ref=<code>` is an invite, and a prompt that is sent from here waits until its writer has signed up."""
    if request.method != "POST":
        if code := request.GET.get("ref"):
            return invite(request, code, lead_to="landing")
        context = {"prompt_max_length": PROMPT_MAX_LENGTH, "samples": samples()}
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
