"""The shapes of what is said about webhook endpoints, and of the messages that they get."""

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
    told = {"type": {"type": "string", "enum": list(Event.values)}, "timestamp": MOMENT, "data": {"type": "object"}}
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
                "event": told["type"],
                "status": {"type": "string", "enum": list(WebhookDelivery.Status.values)},
                "tries": COUNT,
                "createdAt": MOMENT,
            }
        ),
        "WebhookMessage": open_(told),
    }
