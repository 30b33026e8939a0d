"""Payment intents and the charges they make: where a card pays, is declined or asks its holder."""

from typing import Any

from billing.test_shop import cards, disputes, events
from billing.test_shop.cards import ASKS, DISPUTES, PAYS
from billing.test_shop.documents import Document, new_id
from billing.test_shop.errors import DECLINES, ShopError, declined, invalid
from billing.test_shop.listing import lister
from billing.test_shop.params import RANGE, Choice, Flag, Map, Text, Whole, group
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books


def intend(books: Books, customer: Document, amount: int, currency: str, **facts: Any) -> Document:
    """Write a payment intent that has no card yet."""
    intent = {
        "id": new_id("payment_intent"),
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": new_id("payment_intent") + "_secret_" + new_id("request")[4:],
        "confirmation_method": "automatic",
        "created": books.now(customer),
        "currency": currency,
        "customer": customer["id"],
        "description": facts.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": facts.get("metadata") or {},
        "next_action": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": facts.get("receipt_email"),
        "setup_future_usage": facts.get("setup_future_usage"),
        "shipping": None,
        "statement_descriptor": None,
        "status": "requires_payment_method",
    }
    return events.add(books, intent, "payment_intent.created")


def confirm(books: Books, intent: Document, method: Document, *, is_present: bool, may_ask: bool) -> Document:
    """Try to take the money. `may_ask`: a card that asks its holder waits for an answer, else it is declined."""
    if intent["status"] in ("succeeded", "canceled"):
        raise invalid("This PaymentIntent has ended.", code="payment_intent_unexpected_state")
    outcome = cards.behaviour(method, is_present=is_present)
    intent["payment_method"] = method["id"]
    if outcome in (PAYS, DISPUTES):
        return _succeed(books, intent, method, is_disputed=outcome == DISPUTES)
    if outcome == ASKS and may_ask:
        intent["status"] = "requires_action"
        address = f"{books.base_url}/authenticate/{intent['id']}"
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"return_url": None, "url": address}}
        return events.save(books, intent, "payment_intent.requires_action")
    return _fail(books, intent, method, "authentication_required" if outcome == ASKS else outcome)


def authenticate(books: Books, intent: Document, *, agrees: bool) -> Document:
    """Take the holder's answer to what their bank asks."""
    if intent["status"] != "requires_action":
        raise invalid("This PaymentIntent does not wait for an answer.", code="payment_intent_unexpected_state")
    method = books.get("payment_method", intent["payment_method"])
    if not agrees:
        return _fail(books, intent, method, "authentication_failed")
    method["_is_confirmed"] = True
    books.put(method)
    return _succeed(books, intent, method)


def cancel(books: Books, intent: Document, reason: str) -> Document:
    """End an intent that has taken nothing."""
    if intent["status"] in ("succeeded", "canceled"):
        raise invalid("This PaymentIntent has ended.", code="payment_intent_unexpected_state")
    intent |= {"status": "canceled", "canceled_at": books.now(intent), "cancellation_reason": reason}
    intent["next_action"] = None
    return events.save(books, intent, "payment_intent.canceled")


def refusal(intent: Document, *, keeps: bool = True) -> ShopError:
    """Return the 402 of an intent that was just declined."""
    error = intent["last_payment_error"]
    return declined(error["_reason"], charge=intent["latest_charge"] or "", intent=intent, keeps=keeps)


def _succeed(books: Books, intent: Document, method: Document, *, is_disputed: bool = False) -> Document:
    charge = _charge(books, intent, method, "")
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
    intent |= {"next_action": None, "last_payment_error": None}
    if intent["setup_future_usage"]:
        cards.attach(books, method, books.get("customer", intent["customer"]))
    events.save(books, intent, "payment_intent.succeeded")
    if is_disputed:
        disputes.open(books, charge, "fraudulent")
    return intent


def _fail(books: Books, intent: Document, method: Document, reason: str) -> Document:
    charge = _charge(books, intent, method, reason)
    code, message = DECLINES[reason]
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    intent["latest_charge"] = charge["id"]
    intent["last_payment_error"] = {
        "charge": charge["id"],
        "code": code,
        "decline_code": reason if code in ("card_declined", "authentication_required") else None,
        "message": message,
        "payment_method": method,
        "type": "card_error",
        "_reason": reason,
    }
    return events.save(books, intent, "payment_intent.payment_failed")


def _charge(books: Books, intent: Document, method: Document, reason: str) -> Document:
    id, is_paid = new_id("charge"), not reason
    code, message = DECLINES[reason] if reason else (None, None)
    card = method["card"]
    details = {key: card[key] for key in ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint")}
    details |= {key: card[key] for key in ("funding", "last4", "regulated_status", "wallet")}
    charge = {
        "id": id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if is_paid else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "TEST SHOP",
        "captured": is_paid,
        "created": books.now(intent),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": code,
        "failure_message": message,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": _outcome(reason),
        "paid": is_paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": {**details, "network": card["brand"]}, "type": "card"},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"{books.base_url}/receipt/{id}" if is_paid else None,
        "refunded": False,
        "shipping": None,
        "statement_descriptor": None,
        "status": "succeeded" if is_paid else "failed",
    }
    return events.add(books, charge, "charge.succeeded" if is_paid else "charge.failed")


def _outcome(reason: str) -> Document:
    return {
        "network_status": "declined_by_network" if reason else "approved_by_network",
        "reason": reason or None,
        "risk_level": "normal",
        "seller_message": "The bank did not approve." if reason else "Payment complete.",
        "type": "issuer_declined" if reason else "authorized",
    }


# --- The API ---


def _create(books: Books, params: dict[str, Any]) -> Document:
    if params.get("off_session") and not params.get("confirm"):
        raise invalid("`off_session` can only be used with `confirm`.", "off_session")
    customer = books.customer(params["customer"])
    facts = {name: value for name, value in params.items() if name in _FACTS}
    intent = intend(books, customer, params["amount"], params["currency"].lower(), **facts)
    if not params.get("confirm"):
        return intent
    if "payment_method" not in params:
        raise invalid("You cannot confirm this PaymentIntent because it's missing a payment method.", "payment_method")
    if params.get("automatic_payment_methods", {}).get("allow_redirects") != "never":
        # Stripe takes what its dashboard says, among it what leads the customer elsewhere.
        raise invalid("A `return_url` must be specified because this PaymentIntent may redirect.", "return_url")
    method = cards.find(books, params["payment_method"], customer, "payment_method")
    if method["customer"] not in (None, customer["id"]) or (params.get("off_session") and not method["customer"]):
        raise invalid("The payment method does not belong to this customer.", "payment_method")
    is_present = not params.get("off_session", False)
    confirm(books, intent, method, is_present=is_present, may_ask=is_present)
    if intent["status"] == "requires_payment_method":
        raise refusal(intent)
    return intent


def _cancel(books: Books, params: dict[str, Any], id: str) -> Document:
    return cancel(books, books.get("payment_intent", id), params.get("cancellation_reason", "requested_by_customer"))


_FACTS = ("description", "metadata", "receipt_email", "setup_future_usage")
_CREATE = group(
    "amount",
    "currency",
    "customer",
    amount=Whole(50, 99_999_999),
    currency=Text(3),
    customer=Text(),
    confirm=Flag(),
    off_session=Flag(),
    payment_method=Text(),
    automatic_payment_methods=group("enabled", enabled=Flag(), allow_redirects=Choice(("always", "never"))),
    description=Text(1000),
    metadata=Map(),
    receipt_email=Text(),
    setup_future_usage=Choice(("off_session", "on_session")),
)
_REASONS = Choice(("abandoned", "duplicate", "fraudulent", "requested_by_customer"))

ROUTES = [
    Route("POST", "/v1/payment_intents", _create, _CREATE),
    getter("/v1/payment_intents/{id}", "payment_intent"),
    Route("POST", "/v1/payment_intents/{id}/cancel", _cancel, group(cancellation_reason=_REASONS)),
    lister("/v1/payment_intents", "payment_intent", customer=Text(), created=RANGE),
    getter("/v1/charges/{id}", "charge"),
    lister("/v1/charges", "charge", customer=Text(), payment_intent=Text(), created=RANGE),
]
