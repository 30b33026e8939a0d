"""One message to a webhook endpoint: what was sent, what came back, and the button that sends it again."""

import json
import uuid

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from generation import webhooks
from generation.errors import EndpointOff
from generation.models import WebhookDelivery


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def webhook_delivery(request: SignedInRequest, endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> HttpResponseBase:
    """Show a message with its tries; a POST sends it again."""
    mine = WebhookDelivery.objects.visible_to(request.user).select_related("endpoint")
    delivery = get_object_or_404(mine, pk=delivery_id, endpoint=endpoint_id)
    if request.method == "POST":
        _resend(request, delivery)
        return redirect("generation:webhook_delivery", endpoint_id, delivery_id)
    context = {"delivery": delivery, "endpoint": delivery.endpoint, "section": "webhooks"}
    context["attempts"] = list(delivery.attempts.all())
    context["payload"] = _indented(delivery.payload)
    return render(request, "generation/webhook_delivery.html", context)


def _resend(request: SignedInRequest, delivery: WebhookDelivery) -> None:
    try:
        is_sent = webhooks.resend(delivery)
    except EndpointOff as error:
        messages.error(request, str(error))
        return
    words = (
        gettext("It is on its way again.")
        if is_sent
        else gettext("It is being sent at this moment. Look again in a minute.")
    )
    messages.success(request, words)


def _indented(payload: str) -> str:
    return json.dumps(json.loads(payload), indent=2, ensure_ascii=False) if payload else ""
