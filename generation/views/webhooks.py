"""Settings → Webhooks: the account's endpoints, and a form for one more."""

from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from generation import webhook_forms
from generation import webhooks as verbs
from generation.errors import InvalidParams, TooManyEndpoints
from generation.models import WebhookEndpoint
from generation.views.webhook import show_secret_of
from generation.webhook_forms import WebhookForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def webhooks(request: SignedInRequest) -> HttpResponseBase:
    """List the endpoints; add one, and lead to its page, where its secret is shown once."""
    if request.method != "POST":
        return _page(request, WebhookForm())
    form = webhook_forms.typed(request.POST)
    try:
        made = verbs.create(request.user, url=form.url, events=form.events, description=form.description)
    except InvalidParams as error:
        return _page(request, form.refused(error))
    except TooManyEndpoints:
        return _page(request, form)
    show_secret_of(request, made)
    return redirect("generation:webhook", made.pk)


def _page(request: SignedInRequest, form: WebhookForm) -> HttpResponseBase:
    endpoints = list(WebhookEndpoint.objects.visible_to(request.user).order_by("id"))
    limit = verbs.ENDPOINTS_MAX
    context = {"endpoints": endpoints, "form": form, "section": "webhooks", "limit": limit}
    context["is_full"] = sum(not endpoint.is_test for endpoint in endpoints) >= limit
    status = 422 if request.method == "POST" else 200
    return render(request, "generation/webhooks.html", context, status=status)
