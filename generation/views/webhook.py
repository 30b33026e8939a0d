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
from generation.views.create import uuid_or_none
from generation.webhook_forms import WebhookForm

_LOG_ROWS = 25
# So many at most are followed by a page that stays open.
_FOLLOWED_ROWS = 250
# Whose secret the next page shows; the secret itself stays out of the session.
_NEW_SECRET = "webhook_with_new_secret"  # noqa: S105


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def webhook(request: SignedInRequest, endpoint_id: uuid.UUID) -> HttpResponseBase:
    """Show an endpoint and save its changes; the log alone for htmx.

    `?before=<delivery>` asks for older lines than that one, `?since=<delivery>` for the newest down to it.
    """
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
    before, since = (uuid_or_none(request.GET.get(name)) for name in ("before", "since"))
    lines = webhooks.log_of(endpoint, before=before, since=since)
    rows = list(lines[:_FOLLOWED_ROWS] if since else lines[: _LOG_ROWS + 1])
    shown = rows if since else rows[:_LOG_ROWS]
    older = shown[-1].pk if len(rows) > len(shown) else None
    is_moving = before is None and any(row.status == row.Status.WAITING for row in shown)
    context = {"endpoint": endpoint, "log": shown, "older": older, "before": before, "is_moving": is_moving}
    return {**context, "since": shown[-1].pk if shown else None}
