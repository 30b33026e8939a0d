"""Getting an open invoice paid, trying again when it fails, and what that makes of its subscription.

A renewal that fails is tried again after 3, 5 and 7 days more; then the subscription ends, the real shop's default.
"""

from typing import Any

from billing.test_shop import cards, events, invoices, payments, subscriptions
from billing.test_shop.documents import Document
from billing.test_shop.errors import ShopError, invalid
from billing.test_shop.listing import lister, page, select
from billing.test_shop.params import PAGE, RANGE, Choice, Flag, Text, group
from billing.test_shop.routes import Route, getter
from billing.test_shop.store import Books

RETRY_DAYS = (3, 5, 7)
_DAY = 86400
# Reasons whose invoices are tried again by themselves.
_RETRIED = ("subscription_cycle", "subscription_update")


def attempt(books: Books, invoice: Document, method: Document | None = None, *, is_present: bool = False) -> str:
    """Try to collect an open invoice. Returns its payment intent's status; "succeeded" where nothing was due."""
    if not invoice["amount_due"]:
        return settle(books, invoice)
    method = method or default_method(books, invoice)
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    if method is None:
        _fail(books, invoice, "invoice.payment_failed")
        return "requires_payment_method"
    intent = books.get("payment_intent", invoice["_payment_intent"])
    payments.confirm(books, intent, method, is_present=is_present, may_ask=True)
    if intent["status"] == "succeeded":
        return settle(books, invoice)
    asks = ["invoice.payment_action_required"] if intent["status"] == "requires_action" else []
    _fail(books, invoice, "invoice.payment_failed", *asks)
    return str(intent["status"])


def authenticate(books: Books, intent: Document, *, agrees: bool) -> str:
    """Take the holder's answer for an invoice's payment. Returns the intent's status."""
    payments.authenticate(books, intent, agrees=agrees)
    invoice = _invoice_of(books, intent)
    if invoice and intent["status"] == "succeeded":
        return settle(books, invoice)
    if invoice:
        events.emit(books, "invoice.payment_failed", invoice)
    return str(intent["status"])


def settle(books: Books, invoice: Document) -> str:
    """Mark an invoice as paid and let its subscription feel it. Returns "succeeded"."""
    invoices.settle(books, invoice)
    _set_delinquent(books, invoice, is_delinquent=False)
    subscription = books.find(invoice["_subscription"])
    if subscription is None:
        return "succeeded"
    if invoice["_is_pending_update"] and subscription["pending_update"]:
        _apply_pending_update(books, subscription)
    elif subscription["status"] in ("past_due", "incomplete") and subscription["latest_invoice"] == invoice["id"]:
        subscription["status"] = "active"
        events.save(books, subscription, "customer.subscription.updated")
    return "succeeded"


def drop_pending_update(books: Books, subscription: Document) -> None:
    """Give up a change that was not paid for in time."""
    for invoice in books.all("invoice", _subscription=subscription["id"], status="open"):
        if invoice["_is_pending_update"]:
            invoices.void(books, invoice)
    subscription["pending_update"] = None
    events.save(books, subscription, "customer.subscription.pending_update_expired", "customer.subscription.updated")


def default_method(books: Books, invoice: Document) -> Document | None:
    """Return the card that an invoice is paid with when nobody chooses: the subscription's, else the customer's."""
    subscription = books.find(invoice["_subscription"]) or {}
    customer = books.get("customer", invoice["customer"])
    chosen = subscription.get("default_payment_method") or customer["invoice_settings"]["default_payment_method"]
    method = books.find(chosen)
    return method if method and method["customer"] else None


def keep_card(books: Books, invoice: Document, method: Document) -> None:
    """Let the card that paid an invoice pay the next ones too."""
    cards.attach(books, method, books.customer(invoice["customer"]))
    subscription = books.find(invoice["_subscription"])
    if subscription and subscription["status"] != "canceled":
        subscription["default_payment_method"] = method["id"]
        events.save(books, subscription, "customer.subscription.updated")


def retry(books: Books, invoice: Document) -> None:
    """Try an invoice again whose time has come; a draft is finalised first."""
    if invoice["status"] == "draft":
        invoices.finalize(books, invoice)
    attempt(books, invoice)


def _fail(books: Books, invoice: Document, *types: str) -> None:
    tried = invoice["attempt_count"]
    may_retry = invoice["billing_reason"] in _RETRIED and not invoice["_is_pending_update"]
    again = may_retry and tried <= len(RETRY_DAYS)
    invoice["next_payment_attempt"] = books.now(invoice) + RETRY_DAYS[tried - 1] * _DAY if again else None
    events.save(books, invoice, "invoice.updated", *types)
    if not may_retry:
        return
    _set_delinquent(books, invoice, is_delinquent=True)
    subscription = books.get("subscription", invoice["_subscription"])
    if subscription["latest_invoice"] != invoice["id"]:
        return  # a later one says how the subscription stands
    if not again:
        subscriptions.end(books, subscription, "payment_failed")
    elif subscription["status"] == "active":
        subscription["status"] = "past_due"
        events.save(books, subscription, "customer.subscription.updated")


def _set_delinquent(books: Books, invoice: Document, *, is_delinquent: bool) -> None:
    customer = books.get("customer", invoice["customer"])
    if not customer.get("deleted") and customer["delinquent"] != is_delinquent:
        customer["delinquent"] = is_delinquent
        events.save(books, customer, "customer.updated")


def _apply_pending_update(books: Books, subscription: Document) -> None:
    subscriptions.put_item(subscription, subscription["pending_update"]["subscription_items"][0])
    subscription["pending_update"] = None
    events.save(books, subscription, "customer.subscription.pending_update_applied", "customer.subscription.updated")


def _invoice_of(books: Books, intent: Document) -> Document | None:
    found = books.all("invoice", _payment_intent=intent["id"])
    return found[0] if found else None


# --- The API ---


def _pay(books: Books, params: dict[str, Any], id: str) -> Document:
    invoice = books.get("invoice", id)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] != "open":
        raise invalid("This invoice cannot be paid: it is not open.", code="invoice_not_editable")
    method = None
    if "payment_method" in params:
        customer = books.get("customer", invoice["customer"])
        method = cards.find(books, params["payment_method"], customer, "payment_method")
    status = attempt(books, invoice, method, is_present=not params.get("off_session", True))
    if status != "succeeded":
        raise _refusal(books, invoice)
    return invoice


def _refusal(books: Books, invoice: Document) -> ShopError:
    intent = books.get("payment_intent", invoice["_payment_intent"])
    if intent["status"] == "requires_action":
        message = "This payment requires additional user action before it can be completed successfully."
        code = "invoice_payment_intent_requires_action"
        return ShopError(402, "card_error", message, code=code, payment_intent=intent, keeps=True)
    if intent["last_payment_error"] is None:
        raise invalid("Cannot charge customer that has no active card", code="missing")
    return payments.refusal(intent)


def _void(books: Books, _params: dict[str, Any], id: str) -> Document:
    invoice = books.get("invoice", id)
    if invoice["status"] != "open":
        raise invalid("You can only void open invoices.", code="invoice_not_editable")
    invoices.void(books, invoice)
    if invoice["_is_pending_update"]:
        drop_pending_update(books, books.get("subscription", invoice["_subscription"]))
    return invoice


def _list_payments(books: Books, params: dict[str, Any]) -> Document:
    wanted = {"invoice": params["invoice"]} if "invoice" in params else {}
    found = select(books.all("invoice_payment"), wanted)
    intent = params.get("payment", {}).get("payment_intent")
    if intent:
        found = [one for one in found if one["payment"]["payment_intent"] == intent]
    return page(found, params, "/v1/invoice_payments")


_PAYMENT = group("type", "payment_intent", type=Choice(("payment_intent",)), payment_intent=Text())
_STATES = Choice(("draft", "open", "paid", "uncollectible", "void"))

ROUTES = [
    getter("/v1/invoices/{id}", "invoice"),
    lister(
        "/v1/invoices",
        "invoice",
        choices={"subscription": "_subscription"},
        customer=Text(),
        subscription=Text(),
        status=_STATES,
        created=RANGE,
    ),
    Route("POST", "/v1/invoices/{id}/pay", _pay, group(payment_method=Text(), off_session=Flag())),
    Route("POST", "/v1/invoices/{id}/void", _void, group()),
    Route("GET", "/v1/invoice_payments", _list_payments, PAGE.plus(invoice=Text(), payment=_PAYMENT)),
]
