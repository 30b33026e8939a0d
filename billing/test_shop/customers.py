"""Customers: who pays, how they are reached, which card is theirs."""

import json
from typing import Any

from billing.test_shop import events, subscriptions
from billing.test_shop.documents import Document, merge_metadata, new_id
from billing.test_shop.errors import invalid
from billing.test_shop.listing import lister
from billing.test_shop.params import RANGE, Many, Map, Text, Whole, group
from billing.test_shop.routes import Route
from billing.test_shop.store import Books


def _create(books: Books, params: dict[str, Any]) -> Document:
    clock = params.get("test_clock")
    customer = {
        "id": new_id("customer"),
        "object": "customer",
        "address": params.get("address"),
        "balance": params.get("balance", 0),
        "created": books.now({"object": "customer", "test_clock": clock}) if clock else books.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": params.get("description"),
        "discount": None,
        "email": params.get("email"),
        "invoice_prefix": new_id("customer")[4:12].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "name": params.get("name"),
        "next_invoice_sequence": 1,
        "phone": params.get("phone"),
        "preferred_locales": params.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": clock,
    }
    if clock:
        books.get("test_helpers.test_clock", clock, param="test_clock")
    return events.add(books, customer, "customer.created")


def _retrieve(books: Books, _params: dict[str, Any], id: str) -> Document:
    return books.get("customer", id)


def _update(books: Books, params: dict[str, Any], id: str) -> Document:
    customer = books.customer(id, param="id")
    if "metadata" in params:
        merge_metadata(customer, params.pop("metadata"))
    settings = params.pop("invoice_settings", {})
    if settings.get("default_payment_method"):
        method = books.get("payment_method", settings["default_payment_method"], param="invoice_settings")
        if method["customer"] != id:
            raise invalid("The customer does not have this payment method.", "invoice_settings[default_payment_method]")
    customer["invoice_settings"] |= {key: value or None for key, value in settings.items()}
    customer |= {key: value if value != "" else None for key, value in params.items()}
    return events.save(books, customer, "customer.updated")


def _delete(books: Books, _params: dict[str, Any], id: str) -> Document:
    customer = books.customer(id, param="id")
    for subscription in books.all("subscription", customer=id):
        if subscription["status"] not in ("canceled", "incomplete_expired"):
            subscriptions.end(books, subscription)
    for method in books.all("payment_method", customer=id):
        method["customer"] = None
        books.put(method)
    events.emit(books, "customer.deleted", customer)
    gone = {"id": id, "object": "customer", "deleted": True}
    books.put(gone)
    _forget(books, customer)
    return gone


def _forget(books: Books, customer: Document) -> None:
    """Take address and name out of everything that was written of a customer; a real shop's law may keep invoices."""
    for told in filter(None, (customer["email"], customer["name"])):
        books.replace(json.dumps(told), "null")


_ADDRESS = group(line1=Text(), line2=Text(), city=Text(), state=Text(), postal_code=Text(), country=Text(2))
_SETTINGS = group(default_payment_method=Text(), footer=Text())
_FIELDS = {
    "email": Text(512),
    "name": Text(),
    "phone": Text(),
    "description": Text(),
    "metadata": Map(),
    "address": _ADDRESS,
    "balance": Whole(-(2**53)),
    "preferred_locales": Many(Text()),
}

ROUTES = [
    Route("POST", "/v1/customers", _create, group(test_clock=Text(may_be_empty=False), **_FIELDS)),
    Route("GET", "/v1/customers/{id}", _retrieve, group()),
    Route("POST", "/v1/customers/{id}", _update, group(invoice_settings=_SETTINGS, **_FIELDS)),
    Route("DELETE", "/v1/customers/{id}", _delete, group()),
    lister("/v1/customers", "customer", email=Text(), created=RANGE, test_clock=Text()),
]
