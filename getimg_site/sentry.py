"""Errors told to Sentry, where the operator wants that (`SENTRY_DSN`): where it broke, never what anybody wrote.

No local variables, no bodies, no query strings, no cookies, no addresses, no headers; a person is their id. The SDK
is an extra: `pip install --constraint requirements.lock sentry-sdk`.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

# Of a request: what says where it broke.
_KEPT_OF_REQUEST = ("method", "url")


def start() -> None:
    """Begin to tell, in this process. Raises: ImportError where the SDK is missing."""
    import sentry_sdk

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment="production" if settings.PRODUCTION else "development",
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        # Log lines and requests before an error carry words of people; spans are Prometheus' business.
        max_breadcrumbs=0,
        traces_sample_rate=0.0,
        before_send=_bare,
    )


def _bare(event: "Event", _hint: "Hint") -> "Event":
    """Return what may leave the house."""
    request: dict[str, Any] = dict(event.get("request") or {})
    event["request"] = {name: request[name] for name in _KEPT_OF_REQUEST if name in request}
    user = event.get("user") or {}
    event["user"] = {"id": user["id"]} if "id" in user else {}
    for part in ("extra", "breadcrumbs"):
        event.pop(part, None)  # type: ignore[misc]
    return event
