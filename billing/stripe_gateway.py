"""The way to Stripe, and the only one: the connection, errors in billing's words, webhooks that are really Stripe's.

Which Stripe is a setting: the real one, the project's own shop (TEST_SHOP=1, reached without a network), or a server
at STRIPE_API_BASE. What is asked there stands in stripe_orders.py, stripe_reads.py and stripe_catalog.py; none of it
belongs inside a transaction.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import stripe
from django.conf import settings
from django.utils.translation import gettext

from billing import stripe_facts
from billing.errors import (
    BadSignature,
    PaymentDeclined,
    PaymentNeedsAction,
    ShopRefused,
    ShopUnavailable,
    UnknownInShop,
    UnknownPrice,
)
from billing.payment_facts import EventEnvelope
from billing.test_shop.exchange import Request
from billing.test_shop.mount import embedded_shop

logger = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
_RETRIES = 2
_ACTION_CODES = {"authentication_required", "subscription_payment_intent_requires_action"}

Fact = TypeVar("Fact")


def is_open() -> bool:
    """Return whether anything can be bought: there is a key."""
    return bool(settings.STRIPE_SECRET_KEY)


def verify_event(body: bytes, signature: str) -> EventEnvelope:
    """Return the event of a webhook's raw body. Raises BadSignature for a forged, old or unreadable one."""
    if not any(_is_signed(body, signature, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
        raise BadSignature("The webhook was not signed by the shop, or too long ago.")
    try:
        return stripe_facts.event_from(json.loads(body))
    except (ValueError, KeyError, TypeError):
        raise BadSignature("The webhook holds no event.") from None


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True


def v1() -> stripe.V1Services:
    """Return the calls of the shop that the settings name. Raises ShopUnavailable where there is none."""
    if not settings.STRIPE_SECRET_KEY:
        raise ShopUnavailable(gettext("Payments are not set up here."))
    embedded = settings.TEST_SHOP and not settings.STRIPE_API_BASE
    base = settings.STRIPE_API_BASE or stripe.DEFAULT_API_BASE
    return _client(settings.STRIPE_SECRET_KEY, base, settings.STRIPE_TIMEOUT_SECONDS, embedded).v1


@contextmanager
def translated(price_id: str = "") -> Iterator[None]:
    """Turn the package's errors into billing's."""
    try:
        yield
    except stripe.CardError as error:
        told = error.json_body.get("error", {}) if isinstance(error.json_body, dict) else {}
        if error.code in _ACTION_CODES:
            raise PaymentNeedsAction from error
        code = told.get("decline_code") or error.code or ""
        raise PaymentDeclined(error.user_message or "", code, charge_id=told.get("charge") or "") from error
    except stripe.InvalidRequestError as error:
        param, message = error.param or "", error.user_message or ""
        if price_id and "price" in param:
            raise UnknownPrice(price_id) from error
        if error.code == "resource_missing":
            raise UnknownInShop(message) from error
        raise ShopRefused(message, param, error.code or "") from error
    except stripe.IdempotencyError as error:
        raise ShopRefused(error.user_message or "", code="idempotency") from error
    except stripe.StripeError as error:
        logger.warning("shop unavailable", extra={"error": type(error).__name__, "status": error.http_status})
        raise ShopUnavailable(gettext("The shop cannot be reached just now.")) from error


def plain(answer: stripe.StripeObject) -> dict[str, Any]:
    """Return an answer as a dictionary: the package's own objects go no further than here."""
    return answer.to_dict(for_json=True)


def each(call: Callable[[], Any], read: Callable[[dict[str, Any]], Fact]) -> Iterator[Fact]:
    """Yield every item of a list, page after page, read into facts."""
    with translated():
        for item in call().auto_paging_iter():
            yield read(plain(item))


@cache
def _client(key: str, base: str, timeout_seconds: int, embedded: bool) -> stripe.StripeClient:
    http = _WithoutNetwork() if embedded else stripe.RequestsClient(timeout=timeout_seconds)
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": base},
        max_network_retries=_RETRIES,
        http_client=http,
    )


class _WithoutNetwork(stripe.HTTPClient):
    """Carries calls to the shop in this process: they need no web server, and take no thread of one."""

    name = "embedded"

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        place = urlsplit(url)
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        body = (post_data or "").encode()
        answer = embedded_shop().answer(Request(method.upper(), place.path, place.query, lower, body))
        return (
            answer.body.decode(),
            answer.status,
            {**answer.headers, "request-id": answer.headers.get("Request-Id", "")},
        )
