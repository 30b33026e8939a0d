"""The buttons of a webhook endpoint: on, off, new secret, test, delete."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import webhooks
from generation.errors import EndpointOff
from generation.models import WebhookEndpoint
from generation.views.webhook import show_secret_of


@require_POST
@signed_in
def webhook_action(request: SignedInRequest, endpoint_id: uuid.UUID, action: str) -> HttpResponseBase:
    """Do what the button says and come back to the page."""
    endpoint = get_object_or_404(WebhookEndpoint.objects.visible_to(request.user), pk=endpoint_id)
    if action not in _ACTIONS:
        raise Http404("There is no such action.")
    _ACTIONS[action](request, endpoint)
    if action == "delete":
        return redirect("generation:webhooks")
    return redirect("generation:webhook", endpoint_id)


def _switch_on(request: SignedInRequest, endpoint: WebhookEndpoint) -> None:
    webhooks.change(endpoint, is_enabled=True)
    messages.success(request, gettext("Switched on. It is told of everything from now on."))


def _switch_off(request: SignedInRequest, endpoint: WebhookEndpoint) -> None:
    webhooks.change(endpoint, is_enabled=False)
    messages.success(request, gettext("Switched off. What happens until it is on again is not sent."))


def _rotate(request: SignedInRequest, endpoint: WebhookEndpoint) -> None:
    webhooks.rotate(endpoint)
    show_secret_of(request, endpoint)


def _test(request: SignedInRequest, endpoint: WebhookEndpoint) -> None:
    try:
        webhooks.send_test(endpoint)
    except EndpointOff as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("A test is on its way."))


def _delete(request: SignedInRequest, endpoint: WebhookEndpoint) -> None:
    webhooks.delete(endpoint)
    messages.success(request, gettext("Webhook deleted."))


_ACTIONS: dict[str, Callable[[SignedInRequest, WebhookEndpoint], None]] = {
    "on": _switch_on,
    "off": _switch_off,
    "rotate": _rotate,
    "test": _test,
    "delete": _delete,
}
