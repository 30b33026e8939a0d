"""`/v1/webhooks/{id}`: one endpoint, its secret, and a message to try it with."""

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from generation import webhooks
from generation.api.answers import stamp
from generation.api.openapi import describe
from generation.api.problems import not_found, problem
from generation.api.resource import Resource
from generation.api.webhooks import endpoint_answer, read
from generation.errors import EndpointOff
from generation.models import WebhookEndpoint


class _OfOneEndpoint(Resource):
    scopes = dict.fromkeys(("GET", "POST", "PATCH", "DELETE"), Scope.WEBHOOKS)

    def endpoint(self, request: Request, webhook_id: str) -> WebhookEndpoint:
        """Return the caller's own endpoint. Raises: Problem (404)."""
        try:
            pk = uuid.UUID(webhook_id)
        except ValueError:
            raise not_found() from None
        found = WebhookEndpoint.objects.visible_to_key(self.key_of(request)).filter(pk=pk).first()
        if found is None or str(pk) != webhook_id.lower():
            raise not_found()
        return found


class WebhookDetail(_OfOneEndpoint):
    """One endpoint."""

    @describe("getWebhook", "Look at an endpoint", answers={200: "Webhook"})
    def get(self, request: Request, webhook_id: str) -> Response:
        """Return it without its secret."""
        return Response(endpoint_answer(self.endpoint(request, webhook_id)))

    @describe("updateWebhook", "Change an endpoint", body="WebhookChange", answers={200: "Webhook"})
    def patch(self, request: Request, webhook_id: str) -> Response:
        """Change what is named and leave the rest. `enabled` switches it off and on; what it misses, it misses."""
        endpoint = self.endpoint(request, webhook_id)
        facts = read(self.body_of(request), {"url": str, "events": list, "description": str, "enabled": bool})
        webhooks.change(endpoint, **facts)
        return Response(endpoint_answer(endpoint))

    @describe("deleteWebhook", "Delete an endpoint", answers={204: ""})
    def delete(self, request: Request, webhook_id: str) -> Response:
        """Delete it with its log; what waits to be sent is not sent."""
        webhooks.delete(self.endpoint(request, webhook_id))
        return Response(status=204)


class WebhookSecret(_OfOneEndpoint):
    """The secret of one endpoint."""

    @describe("rotateWebhookSecret", "Give it a new secret", answers={200: "WebhookWithSecret"})
    def post(self, request: Request, webhook_id: str) -> Response:
        """Make a new secret, shown in this answer alone. For a day messages are signed with the old one too."""
        endpoint = self.endpoint(request, webhook_id)
        secret = webhooks.rotate(endpoint)
        return Response({**endpoint_answer(endpoint), "secret": secret})


class WebhookTest(_OfOneEndpoint):
    """A message that only says that it is a test."""

    @describe("testWebhook", "Send a test", answers={202: "WebhookDelivery"}, refusals=[409])
    def post(self, request: Request, webhook_id: str) -> Response:
        """Send `webhook.test`, whatever the endpoint's filter says. What came of it stands in the endpoint's log."""
        try:
            delivery = webhooks.send_test(self.endpoint(request, webhook_id))
        except EndpointOff as error:
            raise problem(409, "webhook_disabled", str(error)) from error
        answer = {
            "id": delivery.message_id,
            "event": delivery.event,
            "status": delivery.status,
            "tries": delivery.tries,
            "createdAt": stamp(delivery.created_at),
        }
        return Response(answer, 202)
