"""The shapes of what is said about webhook endpoints, and of the messages that they get."""

from typing import Any

from generation import web_address, webhooks
from generation.api.schemas import COUNT, ID, MOMENT, TEXT, Shape, closed, nullable, open_, optional
from generation.models import Event, WebhookDelivery, WebhookEndpoint
from generation.models.webhook import FILTERABLE

_NAME = "[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?"
# A public name by HTTPS on its usual port. More is allowed; this is what always is.
_URL: Shape = {
    "type": "string",
    "maxLength": web_address.URL_MAX_LENGTH,
    "pattern": rf"^https://{_NAME}(\.{_NAME}){{0,2}}\.(com|org|net|io|dev)(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{{0,80}})?$",
    "examples": ["https://example.com/webhooks/pictures"],
}
_EVENTS: Shape = {
    "type": "array",
    "items": {"type": "string", "enum": [event.value for event in FILTERABLE]},
    "minItems": 1,
}
_DESCRIPTION: Shape = {"type": "string", "maxLength": webhooks.DESCRIPTION_MAX_LENGTH, "pattern": r"^[^\u0000]*$"}
_SWITCH: Shape = {"type": "boolean"}
_DIFFUSION: Shape = {"$ref": "#/components/schemas/Diffusion"}
_WHEN = {
    Event.FINISHED: "A diffusion has brought pictures",
    Event.FAILED: "A diffusion has failed",
    Event.CANCELED: "A diffusion was canceled",
    Event.TEST: "A test was asked for",
}
_SIGNED = {
    "webhook-id": "Names the message; sent again, it is the same.",
    "webhook-timestamp": "When this try was made, in seconds since 1970.",
    "webhook-signature": "`v1,` and an HMAC-SHA256 by the endpoint's secret, as base64; two of them after a rotation.",
}


def shapes() -> dict[str, Shape]:
    """Return every shape by name."""
    facts = {
        "id": ID,
        "url": TEXT,
        "description": nullable(TEXT),
        "events": _EVENTS,
        "isTest": _SWITCH,
        "enabled": _SWITCH,
        "disabledReason": nullable({"type": "string", "enum": list(WebhookEndpoint.Off.values)}),
        "failingSince": nullable(MOMENT),
        "previousSecretExpiresAt": nullable(MOMENT),
        "createdAt": MOMENT,
    }
    return {
        "WebhookRequest": closed(
            {"url": _URL, **optional({"events": _EVENTS, "description": _DESCRIPTION})}, required=["url"]
        ),
        "WebhookChange": closed(
            optional({"url": _URL, "events": _EVENTS, "description": _DESCRIPTION, "enabled": _SWITCH})
        ),
        "Webhook": open_(facts),
        "WebhookWithSecret": open_({**facts, "secret": TEXT}),
        "Webhooks": open_({"webhooks": {"type": "array", "items": {"$ref": "#/components/schemas/Webhook"}}}),
        "WebhookDelivery": open_(
            {
                "id": TEXT,
                "event": {"type": "string", "enum": list(Event.values)},
                "status": {"type": "string", "enum": list(WebhookDelivery.Status.values)},
                "tries": COUNT,
                "createdAt": MOMENT,
            }
        ),
        **{_shape_of(event): _message(event) for event in Event},
    }


def messages() -> dict[str, dict[str, Any]]:
    """Return what an endpoint is sent, by its event: OpenAPI's `webhooks`. Source: Standard Webhooks 1.0."""
    return {event.value: {"post": _operation(event)} for event in Event}


def _operation(event: Event) -> dict[str, Any]:
    body = {"schema": {"$ref": f"#/components/schemas/{_shape_of(event)}"}}
    return {
        "operationId": f"on{_shape_of(event)}",
        "summary": _WHEN[event],
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": TEXT, "description": words}
            for name, words in _SIGNED.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "2XX": {"description": "It has arrived."},
            "410": {"description": "Nobody is here any more: the endpoint is switched off."},
            "default": {"description": "It is sent again later."},
        },
        # They are signed, and carry no key.
        "security": [],
    }


def _message(event: Event) -> Shape:
    told = open_({"endpointId": ID, "message": TEXT}) if event == Event.TEST else _DIFFUSION
    return open_({"type": {"type": "string", "const": event.value}, "timestamp": MOMENT, "data": told})


def _shape_of(event: Event) -> str:
    """Return the name of a message's shape, such as DiffusionFinishedMessage."""
    return "".join(part.title() for part in event.value.split(".")) + "Message"
