"""`/v1/webhooks`: the addresses that are told of each run's end."""

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from generation import webhooks
from generation.api import requests
from generation.api.answers import stamp
from generation.api.openapi import describe
from generation.api.problems import invalid, problem
from generation.api.resource import Resource
from generation.errors import TooManyEndpoints
from generation.models import WebhookEndpoint


class Webhooks(Resource):
    """The endpoints of an account."""

    scopes = {"GET": Scope.WEBHOOKS, "POST": Scope.WEBHOOKS}

    @describe("listWebhooks", "List your endpoints", answers={200: "Webhooks"})
    def get(self, request: Request) -> Response:
        """Return the endpoints, the oldest first; their secrets are not among what is returned.

        A test key sees those that were made with test keys, a live key all others.
        """
        endpoints = WebhookEndpoint.objects.visible_to_key(self.key_of(request)).order_by("id")
        return Response({"webhooks": [endpoint_answer(endpoint) for endpoint in endpoints]})

    @describe(
        "createWebhook", "Add an endpoint", body="WebhookRequest", answers={201: "WebhookWithSecret"}, refusals=[409]
    )
    def post(self, request: Request) -> Response:
        """Add an address. The secret that signs its messages is in this answer alone.

        One that is added with a test key is told of what test keys make, and of nothing else.
        """
        facts = read(self.body_of(request), {"url": str, "events": list, "description": str})
        if "url" not in facts:
            raise invalid([{"param": "url", "code": "missing_field", "message": "url is missing."}])
        try:
            endpoint = webhooks.create(self.user_of(request), is_test=self.key_of(request).is_test, **facts)
        except TooManyEndpoints as error:
            raise problem(409, "too_many_webhooks", str(error)) from error
        return Response({**endpoint_answer(endpoint), "secret": endpoint.secret}, 201)


def read(body: Mapping[str, Any], types: Mapping[str, type]) -> dict[str, Any]:
    """Return the fields that have a value, under the names of `webhooks`. Raises: Problem naming what is wrong."""
    requests.check(body, types)
    facts = {name: value for name, value in body.items() if value is not None}
    if not all(isinstance(event, str) for event in facts.get("events", ())):
        raise invalid([{"param": "events", "code": "invalid_value", "message": "events must be a list of text."}])
    if "enabled" in facts:
        facts["is_enabled"] = facts.pop("enabled")
    return facts


def endpoint_answer(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Return an endpoint without its secret."""
    return {
        "id": str(endpoint.pk),
        "url": endpoint.url,
        "description": endpoint.description or None,
        "events": endpoint.events,
        "isTest": endpoint.is_test,
        "enabled": endpoint.is_enabled,
        "disabledReason": endpoint.off or None,
        "failingSince": stamp(endpoint.failing_since),
        "previousSecretExpiresAt": stamp(endpoint.previous_secret_until),
        "createdAt": stamp(endpoint.created_at),
    }
