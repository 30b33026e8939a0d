"""Settings → Webhooks → one endpoint: its log, its filter, its secret when that is new."""

import uuid

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from generation import webhook_forms, webhooks
from generation.errors import InvalidParams
from generation.models import WebhookEndpoint
from generation.webhook_forms import WebhookForm

_LOG_ROWS = 25
# Whose secret the next page shows; the secret itself stays out of the session.
_NEW_SECRET = "webhook_with_new_secret"  # noqa: S105


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def webhook(request: SignedInRequest, endpoint_id: uuid.UUID) -> HttpResponseBase:
    """Show an endpoint and save its changes; the log alone for htmx, older lines with `?before=<delivery>`."""
    endpoint = get_object_or_404(WebhookEndpoint.objects.visible_to(request.user), pk=endpoint_id)
    if request.htmx:
        return render(request, "generation/_webhook_log.html", _log(request, endpoint))
    if request.method != "POST":
        return _page(request, endpoint, webhook_forms.form_of(endpoint))
    form = webhook_forms.typed(request.POST)
    try:
        webhooks.change(endpoint, url=form.url, events=form.events, description=form.description)
    except InvalidParams as error:
        return _page(request, endpoint, form.refused(error))
    messages.success(request, gettext("Webhook saved."))
    return redirect("generation:webhook", endpoint.pk)


def show_secret_of(request: SignedInRequest, endpoint: WebhookEndpoint) -> None:
    """Let the endpoint's next page show its secret, once."""
    request.session[_NEW_SECRET] = str(endpoint.pk)


def _page(request: SignedInRequest, endpoint: WebhookEndpoint, form: WebhookForm) -> HttpResponseBase:
    is_new = request.session.get(_NEW_SECRET) == str(endpoint.pk)
    if is_new:
        del request.session[_NEW_SECRET]
    context = {"form": form, "section": "webhooks", "new_secret": endpoint.secret if is_new else ""}
    status = 422 if form.errors else 200
    return render(request, "generation/webhook.html", {**_log(request, endpoint), **context}, status=status)


def _log(request: SignedInRequest, endpoint: WebhookEndpoint) -> dict[str, object]:
    try:
        before = uuid.UUID(request.GET["before"]) if "before" in request.GET else None
    except ValueError:
        before = None
    rows = list(webhooks.log_of(endpoint, before=before)[: _LOG_ROWS + 1])
    shown = rows[:_LOG_ROWS]
    older = shown[-1].pk if len(rows) > _LOG_ROWS else None
    is_moving = before is None and any(row.status == row.Status.WAITING for row in shown)
    return {"endpoint": endpoint, "log": shown, "older": older, "before": before, "is_moving": is_moving}
