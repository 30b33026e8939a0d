"""One request to the shop: who asks, in which version, whether it was asked before, and one transaction for it."""

import base64
import binascii
import hashlib
import json
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from billing.test_shop import (
    beginnings,
    cards,
    catalog,
    checkout,
    clock,
    collection,
    control,
    customers,
    deliveries,
    disputes,
    events,
    listing,
    pages,
    payments,
    plan_changes,
    portal,
    promotions,
    refunds,
    schedules,
    subscriptions,
)
from billing.test_shop.documents import API_VERSION, Document, new_id, public
from billing.test_shop.errors import ShopError, invalid
from billing.test_shop.exchange import Request, Response
from billing.test_shop.params import decode
from billing.test_shop.routes import Route
from billing.test_shop.store import Books, Store

logger = logging.getLogger(__name__)

_AREAS = (
    *(beginnings, cards, catalog, checkout, clock, collection, customers, deliveries, disputes, events, payments),
    *(plan_changes, portal, promotions, refunds, schedules, subscriptions),
)
ROUTES: list[Route] = [route for area in _AREAS for route in area.ROUTES]

_KEY_LIFE_SECONDS = 24 * 3600
_BODY_LIMIT = 1_000_000


@dataclass
class Shop:
    """The shop at one address, on one file. `key` is the secret key it takes; without one, any sk_test_ key."""

    path: Path
    base_url: str
    key: str = ""
    assets: Path | None = None

    def __post_init__(self) -> None:
        self.store = Store(self.path)
        self.courier = deliveries.Courier(self.store)

    def answer(self, request: Request) -> Response:
        """Answer a request, whether the API's, a page's or the tests' own."""
        if request.path.startswith("/v1/"):
            response = self._answer_api(request)
        elif request.path.startswith("/_control/"):
            response = self._answer_control(request)
        else:
            response = pages.answer(self, request)
        if request.method == "POST":
            self.courier.ring()
        return response

    def _answer_api(self, request: Request) -> Response:
        request_id = new_id("request")
        headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
        try:
            check_key(self.key, request)
            weather = control.weather(self.store, request.method)
            if weather.delay_seconds:
                time.sleep(weather.delay_seconds)
            weather.refuse_if_due()
            _check_version(request)
            status, body, extra = self._perform(request, request_id)
            weather.lose_if_due()
        except ShopError as error:
            status, body, extra = error.status, {"error": error.body}, {}
        return _json(status, body, {**headers, **extra})

    def _perform(self, request: Request, request_id: str) -> tuple[int, Document, dict[str, str]]:
        """Answer within one transaction; a POST's key makes its repetition answer the same."""
        given = _parameters(request)
        key = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
        fingerprint = _fingerprint(request, given)
        try:
            with self.store.books() as books:
                books.base_url, books.request_id, books.idempotency_key = self.base_url, request_id, key
                extra = {"Idempotency-Key": key} if key else {}
                earlier = _earlier_reply(books, key, fingerprint)
                if earlier is not None:
                    return *earlier, {**extra, "Idempotent-Replayed": "true"}
                clock.catch_up(books)
                status, body = _run(books, request, given)
                _remember(books, key, fingerprint, status, body)
                return status, body, extra
        except ShopError as error:
            if key and error.status == 402:  # the work was begun: its end is the key's answer, though undone
                with self.store.books() as books:
                    _remember(books, key, fingerprint, error.status, {"error": error.body})
            raise

    def _answer_control(self, request: Request) -> Response:
        try:
            check_key(self.key, request)
            return _json(200, control.answer(self, request.path.removeprefix("/_control/"), request.body), {})
        except ShopError as error:
            return _json(error.status, {"error": error.body}, {})


def check_key(key: str, request: Request) -> None:
    """Raise the 401 of a missing or wrong secret key, as bearer or as the name of basic authentication."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    given = rest.strip()
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    if not given:
        raise ShopError(401, "invalid_request_error", "You did not provide an API key.")
    if given != key if key else not given.startswith("sk_test_"):
        raise ShopError(401, "invalid_request_error", f"Invalid API Key provided: {given[:8]}****")


def _check_version(request: Request) -> None:
    version = request.headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        raise invalid(f"Invalid Stripe API version: {version}. This shop speaks {API_VERSION} only.")


def _parameters(request: Request) -> dict[str, Any]:
    if len(request.body) > _BODY_LIMIT:
        raise ShopError(413, "invalid_request_error", "The request is too large.")
    if request.method == "POST" and request.query:
        raise invalid("Parameters of a POST belong in its body.")
    try:
        return decode(request.body.decode() if request.method == "POST" else request.query)
    except (UnicodeDecodeError, ValueError):
        raise invalid("Invalid form encoding.") from None


def _run(books: Books, request: Request, given: dict[str, Any]) -> tuple[int, Document]:
    for route in ROUTES:
        match = route.pattern.match(request.path) if route.method == request.method else None
        if match:
            try:
                document, paths = route.run(books, given, match.groups())
            except ShopError as error:
                if not error.keeps:
                    raise
                return error.status, public({"error": error.body})
            return 200, public(listing.expand(books, document, paths))
    raise ShopError(404, "invalid_request_error", f"Unrecognized request URL ({request.method}: {request.path}).")


def _fingerprint(request: Request, given: dict[str, Any]) -> str:
    text = json.dumps([request.method, request.path, given], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _earlier_reply(books: Books, key: str, fingerprint: str) -> tuple[int, Document] | None:
    books.sql.execute("DELETE FROM replies WHERE created < ?", (int(time.time()) - _KEY_LIFE_SECONDS,))
    row = books.sql.execute("SELECT request, status, body FROM replies WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if row[0] != fingerprint:
        message = (
            f"Keys for idempotent requests can only be used with the same parameters they were first used with. ({key})"
        )
        raise ShopError(400, "idempotency_error", message)
    return int(row[1]), json.loads(row[2])


def _remember(books: Books, key: str, fingerprint: str, status: int, body: Document) -> None:
    if key:
        books.sql.execute(
            "INSERT INTO replies VALUES (?, ?, ?, ?, ?)", (key, fingerprint, status, json.dumps(body), int(time.time()))
        )


def _json(status: int, body: Document, headers: Mapping[str, str]) -> Response:
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})


def wsgi_headers(wsgi: Mapping[str, Any]) -> dict[str, str]:
    """Return the request's headers from a WSGI environment, names in lower case."""
    found = {name[5:].replace("_", "-").lower(): value for name, value in wsgi.items() if name.startswith("HTTP_")}
    return {**found, "content-type": wsgi.get("CONTENT_TYPE", "")}


def as_wsgi(shop: Shop) -> Any:
    """Return the shop as a WSGI application of its own."""

    def application(wsgi: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = min(int(wsgi.get("CONTENT_LENGTH") or 0), _BODY_LIMIT + 1)
        request = Request(
            method=wsgi["REQUEST_METHOD"],
            path=wsgi.get("PATH_INFO", "/"),
            query=wsgi.get("QUERY_STRING", ""),
            headers=wsgi_headers(wsgi),
            body=wsgi["wsgi.input"].read(length),
        )
        response = shop.answer(request)
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", list(response.headers.items()))
        return [response.body]

    return application
