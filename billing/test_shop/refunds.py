"""Refunds: money goes back, whole or in part, until nothing is left of a charge."""

from typing import Any

from billing.test_shop import events
from billing.test_shop.documents import Document, new_id
from billing.test_shop.errors import invalid
from billing.test_shop.listing import lister
from billing.test_shop.params import RANGE, Choice, Map, Text, Whole, group
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books


def _create(books: Books, params: dict[str, Any]) -> Document:
    charge = _charge_of(books, params)
    left = charge["amount"] - charge["amount_refunded"]
    if not charge["paid"]:
        raise invalid(f"Charge {charge['id']} was not paid.", "charge")
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", "charge", "charge_already_refunded")
    if charge["disputed"]:
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", "charge", "charge_disputed"
        )
    amount = params.get("amount", left)
    if amount > left:
        raise invalid(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", "amount")
    refund = {
        "id": new_id("refund"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": books.now(charge),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {"card": {"reference_status": "pending", "type": "refund"}, "type": "card"},
        "metadata": params.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "status": "succeeded",
    }
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    books.put(refund)
    events.save(books, charge, "charge.refunded")
    events.emit(books, "refund.created", refund)
    return refund


def _charge_of(books: Books, params: dict[str, Any]) -> Document:
    if ("charge" in params) == ("payment_intent" in params):
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    if "charge" in params:
        return books.get("charge", params["charge"], param="charge")
    intent = books.get("payment_intent", params["payment_intent"], param="payment_intent")
    if intent["status"] != "succeeded":
        raise invalid(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
    return books.get("charge", intent["latest_charge"])


_CREATE = group(
    charge=Text(),
    payment_intent=Text(),
    amount=Whole(1),
    reason=Choice(("duplicate", "fraudulent", "requested_by_customer")),
    metadata=Map(),
)

ROUTES = [
    Route("POST", "/v1/refunds", _create, _CREATE),
    getter("/v1/refunds/{id}", "refund"),
    lister("/v1/refunds", "refund", charge=Text(), payment_intent=Text(), created=RANGE),
]
