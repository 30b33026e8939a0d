"""Webhooks: whether a message is really the API's. Source: Standard Webhooks 1.0."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

TOLERANCE_SECONDS = 300


class WebhookRefused(Exception):
    """The message was not signed with this secret, or too long ago."""


def verify_webhook(*, body: bytes, headers: Mapping[str, str], secret: str | Sequence[str]) -> dict[str, Any]:
    """Return the event of a webhook's raw body. `secret`: one or, while one is rotated out, several.

    Raises: WebhookRefused.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    id, timestamp, signatures = (lower.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        raise WebhookRefused("The message is too old, or has no timestamp.")
    secrets = [secret] if isinstance(secret, str) else secret
    signed = f"{id}.{timestamp}.".encode() + body
    if not any(_fits(signed, signatures, one) for one in secrets):
        raise WebhookRefused("The signature does not fit.")
    event: dict[str, Any] = json.loads(body)
    return event


def _fits(signed: bytes, signatures: str, secret: str) -> bool:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise WebhookRefused("This is not the secret of a webhook: it begins with whsec_.") from None
    expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    return any(hmac.compare_digest(expected, one.encode()) for one in signatures.split(" "))
