"""The first page: what this is, and a prompt to begin with."""

from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods
from django.http import HttpRequest, HttpResponseRedirect

from generation.params import PROMPT_MAX_LENGTH
from generation.views.create import PROMPT_SESSION_KEY


@require_http_methods(["GET", "HEAD", "POST"])
def landing(request: HttpRequest) -> HttpResponseBase:
    """Greet; a prompt that is sent from here waits until its writer has signed up."""
    if request.method != "POST":
        return render(request, "getimg_site/landing.html", {"prompt_max_length": PROMPT_MAX_LENGTH})
    request.session[PROMPT_SESSION_KEY] = request.POST.get("prompt", "").strip()[:PROMPT_MAX_LENGTH]
    if request.user.is_authenticated:
        return redirect("generation:create")
    query = urlencode({"next": reverse("generation:create")})
    return HttpResponseRedirect(f"{reverse('account_signup')}?{query}")
