"""Events: a snapshot of an object each time it changes, and who is to be told."""

import json
from typing import Any

from billing.test_shop.documents import API_VERSION, Document, new_id, public
from billing.test_shop.listing import page, select
from billing.test_shop.params import PAGE, RANGE, Many, Text
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books

# What is told of here, and, so that an endpoint may listen for them, two that only slow payments would send.
NAMES = (
    *("billing_portal.configuration.created", "billing_portal.configuration.updated", "billing_portal.session.created"),
    *("charge.dispute.closed", "charge.dispute.created", "charge.dispute.funds_reinstated"),
    *("charge.dispute.funds_withdrawn", "charge.dispute.updated"),
    *("charge.failed", "charge.refunded", "charge.succeeded", "charge.updated"),
    *("checkout.session.async_payment_failed", "checkout.session.async_payment_succeeded"),
    *("checkout.session.completed", "checkout.session.expired"),
    *("coupon.created", "coupon.deleted", "coupon.updated"),
    *("customer.created", "customer.deleted", "customer.updated"),
    *("customer.subscription.created", "customer.subscription.deleted", "customer.subscription.updated"),
    *("customer.subscription.pending_update_applied", "customer.subscription.pending_update_expired"),
    *("invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_action_required"),
    *("invoice.payment_failed", "invoice.payment_succeeded", "invoice.updated", "invoice.voided"),
    *("invoice_payment.paid", "payment_method.attached", "payment_method.detached"),
    *("payment_intent.canceled", "payment_intent.created", "payment_intent.payment_failed"),
    *("payment_intent.requires_action", "payment_intent.succeeded"),
    *("price.created", "price.updated", "product.created", "product.updated"),
    *("promotion_code.created", "promotion_code.updated", "refund.created"),
    *("subscription_schedule.canceled", "subscription_schedule.created"),
    *("subscription_schedule.released", "subscription_schedule.updated"),
    *("test_helpers.test_clock.advancing", "test_helpers.test_clock.created"),
    *("test_helpers.test_clock.deleted", "test_helpers.test_clock.ready"),
)


def add(books: Books, document: Document, *names: str) -> Document:
    """Write a new document and tell of it."""
    books.put(document)
    for name in names:
        emit(books, name, document)
    return document


def save(books: Books, document: Document, *names: str) -> Document:
    """Write a changed document and tell of it; an "updated" says what it was before, and is not sent for nothing."""
    before = books.changed(document)
    books.put(document)
    for name in names:
        if not name.endswith(".updated"):
            emit(books, name, document)
        elif set(before) - {"updated"}:
            emit(books, name, document, before)
    return document


def emit(books: Books, name: str, document: Document, before: Document | None = None) -> None:
    """Write an event about a document as it is now, and a delivery for each endpoint that listens."""
    listeners = [one for one in books.all("webhook_endpoint") if _listens(one, name)]
    data: dict[str, Any] = {"object": public(document)}
    if before is not None:
        data["previous_attributes"] = before
    event = {
        "id": new_id("event"),
        "object": "event",
        "api_version": API_VERSION,
        "created": books.now(document),
        "data": json.loads(json.dumps(data)),
        "livemode": False,
        "pending_webhooks": len(listeners),
        "request": {"id": books.request_id or None, "idempotency_key": books.idempotency_key or None},
        "type": name,
    }
    books.put(event)
    for endpoint in listeners:
        books.sql.execute(
            "INSERT INTO deliveries (event, endpoint, due) VALUES (?, ?, 0)", (event["id"], endpoint["id"])
        )


def _listens(endpoint: Document, name: str) -> bool:
    if endpoint["status"] != "enabled":
        return False
    return bool({"*", name} & set(endpoint["enabled_events"]))


def _list_events(books: Books, params: dict[str, Any]) -> Document:
    wanted = {"created": params["created"]} if "created" in params else {}
    found = select(books.all("event"), wanted)
    if "type" in params:
        found = [event for event in found if _matches(event["type"], params["type"])]
    if "types" in params:
        found = [event for event in found if any(_matches(event["type"], pattern) for pattern in params["types"])]
    return page(found, params, "/v1/events")


def _matches(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


ROUTES = [
    getter("/v1/events/{id}", "event"),
    Route("GET", "/v1/events", _list_events, PAGE.plus(created=RANGE, type=Text(), types=Many(Text(), limit=20))),
]
