"""Webhooks: endpoints, signed deliveries, retries, and the courier that carries them."""

import hashlib
import hmac
import json
import logging
import random
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from billing.test_shop.documents import API_VERSION, Document, new_id, public
from billing.test_shop.errors import invalid
from billing.test_shop.events import NAMES
from billing.test_shop.listing import lister
from billing.test_shop.params import Choice, Flag, Many, Map, Text, group
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books, Store

logger = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 10
# Between the attempts for one delivery; after the last it is given up.
RETRY_SECONDS = (1, 5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
_IDLE_SECONDS = 5.0


@dataclass(frozen=True)
class _Parcel:
    """One attempt: what is posted where."""

    seq: int
    attempts: int
    event: str
    endpoint: str
    url: str
    secret: str
    body: bytes


def sign(body: bytes, secret: str, at: int) -> str:
    """Return the header that proves who sent a body. Source: https://docs.stripe.com/webhooks#verify-manually."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


class Courier:
    """Posts what is waiting. Several processes may each have one: a delivery is claimed before it is carried."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._bell = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_on_duty = False

    def start(self) -> None:
        """Carry by itself, from the next ring on."""
        self._is_on_duty = True

    def ring(self) -> None:
        """Say that something may be waiting."""
        if self._is_on_duty and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(target=self._work, name="test-shop-courier", daemon=True)
            self._thread.start()
        self._bell.set()

    def stop(self) -> None:
        """Stop carrying and wait for what is on its way."""
        self._is_on_duty = False
        self._bell.set()
        if self._thread is not None:
            self._thread.join()

    def deliver(self, *, ahead_seconds: float = 0) -> int:
        """Carry all that is due, `ahead_seconds` more than that, once. Returns how many were accepted."""
        accepted = 0
        for seq in self._due(time.time() + ahead_seconds):
            parcel, copies = self._claim(seq, time.time() + ahead_seconds)
            answers = [_post(parcel) for _ in range(copies)] if parcel else []
            if parcel and answers:
                self._record(parcel, answers[-1])
                accepted += answers[-1].startswith("2")
        return accepted

    def _work(self) -> None:
        while self._is_on_duty:
            self._bell.wait(_IDLE_SECONDS)
            self._bell.clear()
            with suppress(OSError):  # the folder is gone: a test has ended
                self.deliver()

    def _due(self, until: float) -> list[int]:
        with self.store.books() as books:
            post = books.fact("post", {})
            if post.get("hold"):
                return []
            found = [
                row[0]
                for row in books.sql.execute(
                    "SELECT seq FROM deliveries WHERE state = 'waiting' AND due <= ? ORDER BY due, seq", (until,)
                )
            ]
        if post.get("shuffle"):
            random.shuffle(found)
        return found

    def _claim(self, seq: int, until: float) -> tuple[_Parcel | None, int]:
        """Return what is to be posted and how often; nothing if another courier has it or it is to be lost."""
        with self.store.books() as books:
            row = books.sql.execute(
                "UPDATE deliveries SET due = ?, attempts = attempts + 1 "
                "WHERE seq = ? AND state = 'waiting' AND due <= ? RETURNING attempts, event, endpoint",
                (time.time() + 2 * _TIMEOUT_SECONDS, seq, until),
            ).fetchone()
            if row is None:
                return None, 0
            event, endpoint, post = books.find(row[1]), books.find(row[2]), books.fact("post", {})
            if event is None or endpoint is None or random.random() < post.get("drop", 0):
                books.sql.execute("UPDATE deliveries SET state = 'dropped' WHERE seq = ?", (seq,))
                return None, 0
            body = json.dumps(public(event)).encode()
            parcel = _Parcel(seq, row[0], row[1], row[2], endpoint["url"], endpoint["_secret"], body)
            return parcel, 1 + int(post.get("repeat", 0))

    def _record(self, parcel: _Parcel, answer: str) -> None:
        with self.store.books() as books:
            if answer.startswith("2"):
                state, due = "done", 0.0
                event = books.find(parcel.event)
                if event:
                    event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
                    books.put(event)
            elif parcel.attempts > len(RETRY_SECONDS):
                state, due = "failed", 0.0
            else:
                state, due = "waiting", time.time() + RETRY_SECONDS[parcel.attempts - 1]
            books.sql.execute(
                "UPDATE deliveries SET state = ?, due = ?, answer = ? WHERE seq = ?", (state, due, answer, parcel.seq)
            )


def _post(parcel: _Parcel) -> str:
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "TestShop/1.0",
        "Stripe-Signature": sign(parcel.body, parcel.secret, int(time.time())),
    }
    request = urllib.request.Request(parcel.url, parcel.body, headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            return str(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return str(error.code)
    except OSError as error:
        logger.warning("webhook not delivered", extra={"event": parcel.event, "error": type(error).__name__})
        return type(error).__name__


# --- The API ---


def register(books: Books, url: str, secret: str, enabled_events: list[str]) -> Document:
    """Write an endpoint, or let the one at this address have this secret and these events."""
    for endpoint in books.all("webhook_endpoint"):
        if endpoint["url"] == url:
            if (endpoint["_secret"], endpoint["enabled_events"]) != (secret, enabled_events):
                books.put({**endpoint, "_secret": secret, "enabled_events": enabled_events})
            return endpoint
    endpoint = {
        "id": new_id("webhook_endpoint"),
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": books.now(),
        "description": None,
        "enabled_events": enabled_events,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_secret": secret,
    }
    books.put(endpoint)
    return endpoint


def _create(books: Books, params: dict[str, Any]) -> Document:
    if params.get("api_version", API_VERSION) != API_VERSION:
        raise invalid(f"This shop speaks {API_VERSION} only.", "api_version")
    secret = "whsec_" + new_id("request")[4:]
    endpoint = register(books, params["url"], secret, params["enabled_events"])
    endpoint |= {"description": params.get("description"), "metadata": params.get("metadata") or {}}
    books.put(endpoint)
    return {**endpoint, "secret": secret}  # shown this once


def _update(books: Books, params: dict[str, Any], id: str) -> Document:
    endpoint = books.get("webhook_endpoint", id)
    is_disabled = params.pop("disabled", endpoint["status"] == "disabled")
    endpoint |= {**params, "status": "disabled" if is_disabled else "enabled"}
    books.put(endpoint)
    return endpoint


def _delete(books: Books, _params: dict[str, Any], id: str) -> Document:
    books.remove(books.get("webhook_endpoint", id))
    return {"id": id, "object": "webhook_endpoint", "deleted": True}


_EVENTS = Many(Choice(("*", *NAMES)))
_CREATE = group(
    "url",
    "enabled_events",
    url=Text(),
    enabled_events=_EVENTS,
    api_version=Choice((API_VERSION,)),
    description=Text(),
    metadata=Map(),
)

ROUTES = [
    Route("POST", "/v1/webhook_endpoints", _create, _CREATE),
    Route(
        "POST",
        "/v1/webhook_endpoints/{id}",
        _update,
        group(url=Text(may_be_empty=False), enabled_events=_EVENTS, disabled=Flag()),
    ),
    Route("DELETE", "/v1/webhook_endpoints/{id}", _delete, group()),
    getter("/v1/webhook_endpoints/{id}", "webhook_endpoint"),
    lister("/v1/webhook_endpoints", "webhook_endpoint"),
]
