"""Stripe's objects as the shop keeps them: plain dictionaries, ids as Stripe writes them.

A key that begins with an underscore is the shop's own and is never sent.
"""

import random
import string
from typing import Any

Document = dict[str, Any]

API_VERSION = "2026-10-28.endive"
# How each kind of object's id begins, and how the address of its list reads.
PREFIXES = {
    "billing_portal.configuration": "bpc_",
    "billing_portal.session": "bps_",
    "charge": "ch_",
    "checkout.session": "cs_test_",
    "coupon": "",
    "customer": "cus_",
    "discount": "di_",
    "dispute": "du_",
    "event": "evt_",
    "invoice": "in_",
    "invoice_payment": "inpay_",
    "item": "li_",
    "line_item": "il_",
    "payment_intent": "pi_",
    "payment_method": "pm_",
    "price": "price_",
    "product": "prod_",
    "promotion_code": "promo_",
    "refund": "re_",
    "request": "req_",
    "subscription": "sub_",
    "subscription_item": "si_",
    "subscription_schedule": "sub_sched_",
    "tax_rate": "txr_",
    "test_helpers.test_clock": "clock_",
    "webhook_endpoint": "we_",
}
_ALPHABET = string.ascii_letters + string.digits
_random = random.SystemRandom()


def new_id(kind: str) -> str:
    """Return a fresh id of a kind of object; too long to be guessed, for a page's address holds it."""
    return PREFIXES[kind] + "".join(_random.choices(_ALPHABET, k=24))


def public(value: Any) -> Any:
    """Return a copy of an object as the world may see it."""
    if isinstance(value, dict):
        return {key: public(item) for key, item in value.items() if not key.startswith("_")}
    if isinstance(value, list):
        return [public(item) for item in value]
    return value


def automatic_tax(taxed: bool) -> Document:
    """Return how an invoice or a checkout says whether tax is worked out."""
    told = {"liability": {"type": "self"}, "provider": "stripe", "status": "complete"}
    return {"enabled": taxed, **(told if taxed else dict.fromkeys(told))}


def list_of(items: list[Document], url: str, *, has_more: bool = False) -> Document:
    """Return a list object."""
    return {"object": "list", "data": items, "has_more": has_more, "url": url}


def merge_metadata(document: Document, given: dict[str, str] | None) -> None:
    """Put given names in, take those with an empty text out; nothing at all empties it."""
    if given is None:
        document["metadata"] = {}
        return
    merged = {**(document["metadata"] or {}), **given}
    document["metadata"] = {name: text for name, text in merged.items() if text}
