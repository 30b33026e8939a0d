"""What the shop knows, asked for: what an event was about is fetched as it is now, never read from the event."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from billing import stripe_facts
from billing.errors import NO_CARD, PaymentDeclined, UnknownInShop
from billing.payment_facts import (
    CardFacts,
    ChargeFacts,
    CheckoutFacts,
    DisputeFacts,
    EventEnvelope,
    InvoiceFacts,
    SubscriptionState,
)
from billing.stripe_gateway import each, plain, translated, v1

_SUBSCRIPTION = ["schedule.phases.items.price", "default_payment_method"]
_INVOICE = ["payments"]


def fetch_subscription(subscription_id: str) -> SubscriptionState:
    """Return a subscription as it is now. Raises UnknownInShop."""
    with translated():
        found = v1().subscriptions.retrieve(subscription_id, {"expand": _SUBSCRIPTION})
    return stripe_facts.subscription_from(plain(found))


def list_subscriptions(customer_id: str = "") -> Iterator[SubscriptionState]:
    """Yield a customer's subscriptions or everybody's, the ended ones too, newest first."""
    params: Any = {"status": "all", "limit": 100, "expand": [f"data.{path}" for path in _SUBSCRIPTION]}
    if customer_id:
        params["customer"] = customer_id
    return each(lambda: v1().subscriptions.list(params), stripe_facts.subscription_from)


def fetch_checkout(checkout_id: str) -> CheckoutFacts:
    """Return a checkout with what was bought. Raises UnknownInShop."""
    with translated():
        found = v1().checkout.sessions.retrieve(checkout_id, {"expand": ["line_items"]})
    return stripe_facts.checkout_from(plain(found))


def list_checkouts(since: datetime) -> Iterator[CheckoutFacts]:
    """Yield the checkouts opened since then, newest first."""
    params: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100, "expand": ["data.line_items"]}
    return each(lambda: v1().checkout.sessions.list(params), stripe_facts.checkout_from)


def fetch_invoice(invoice_id: str) -> InvoiceFacts:
    """Return an invoice as it is now. Raises UnknownInShop."""
    with translated():
        found = v1().invoices.retrieve(invoice_id, {"expand": _INVOICE})
    return stripe_facts.invoice_from(plain(found))


def fetch_price_key(price_id: str) -> str:
    """Return the key of what a price is or was for; empty for one that the shop does not have, or is not ours."""
    try:
        with translated():
            return stripe_facts.key_of(plain(v1().prices.retrieve(price_id)))
    except UnknownInShop:
        return ""


def list_invoices(customer_id: str) -> Iterator[InvoiceFacts]:
    """Yield a customer's invoices, newest first."""
    params: Any = {"customer": customer_id, "limit": 100, "expand": [f"data.{path}" for path in _INVOICE]}
    return each(lambda: v1().invoices.list(params), stripe_facts.invoice_from)


def fetch_charge(charge_id: str) -> ChargeFacts:
    """Return a charge and what was refunded of it. Raises UnknownInShop."""
    with translated():
        found = plain(v1().charges.retrieve(charge_id, {"expand": ["payment_intent"]}))
    intent = found["payment_intent"]
    return stripe_facts.charge_from(found, intent["metadata"] if isinstance(intent, dict) else None)


def list_charges(customer_id: str, since: datetime) -> Iterator[ChargeFacts]:
    """Yield a customer's charges since then, newest first."""
    params: Any = {"customer": customer_id, "created": {"gte": int(since.timestamp())}, "limit": 100}
    return each(lambda: v1().charges.list(params), stripe_facts.charge_from)


def fetch_payment(payment_intent_id: str) -> ChargeFacts | None:
    """Return the latest charge of a payment intent; None before there is one. Raises UnknownInShop."""
    with translated():
        found = plain(v1().payment_intents.retrieve(payment_intent_id, {"expand": ["latest_charge"]}))
    charge = found["latest_charge"]
    return stripe_facts.charge_from(charge, found["metadata"]) if isinstance(charge, dict) else None


def fetch_card_on_file(customer_id: str) -> CardFacts | None:
    """Return the card that a customer left, the one of `card_to_charge`; None: none."""
    with translated():
        chosen = card_on_file(customer_id)
        cards = plain(v1().customers.payment_methods.list(customer_id, {"type": "card", "limit": 100}))["data"]
    return next((stripe_facts.card_from(card) for card in cards if card["id"] == chosen), None)


def card_to_charge(customer_id: str) -> str:
    """Return the id of the card that a customer left, for `stripe_orders.charge_off_session`.

    Raises PaymentDeclined where there is none, UnknownInShop.
    """
    with translated():
        found = card_on_file(customer_id)
    if not found:
        raise PaymentDeclined(gettext(NO_CARD), "no_card")
    return found


def card_on_file(customer_id: str) -> str:
    """Return the id of the card that a customer left; empty where there is none. Raises UnknownInShop."""
    customer = plain(v1().customers.retrieve(customer_id))
    if customer.get("deleted"):
        raise UnknownInShop(f"No such customer: {customer_id}")
    chosen = stripe_facts.id_of(customer["invoice_settings"]["default_payment_method"])
    listed = plain(v1().customers.payment_methods.list(customer_id, {"type": "card", "limit": 100}))["data"]
    cards = [card["id"] for card in listed]
    return chosen if chosen in cards else next(iter(cards), "")


def invoice_of_payment(payment_intent_id: str) -> str:
    """Return the id of the invoice that a payment intent pays; empty for a payment without one."""
    with translated():
        paid: Any = {"type": "payment_intent", "payment_intent": payment_intent_id}
        found = plain(v1().invoice_payments.list({"payment": paid, "limit": 1}))["data"]
    return stripe_facts.id_of(found[0]["invoice"]) if found else ""


def fetch_dispute(dispute_id: str) -> DisputeFacts:
    """Return a dispute as it is now. Raises UnknownInShop."""
    with translated():
        return stripe_facts.dispute_from(plain(v1().disputes.retrieve(dispute_id)))


def list_disputes(charge_id: str) -> Iterator[DisputeFacts]:
    """Yield the disputes about a charge, newest first."""
    return each(lambda: v1().disputes.list({"charge": charge_id, "limit": 100}), stripe_facts.dispute_from)


def list_events_since(since: datetime, types: list[str] | None = None) -> Iterator[EventEnvelope]:
    """Yield the events since then, newest first; the shop keeps them for 30 days."""
    params: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
    if types:
        params["types"] = types
    return each(lambda: v1().events.list(params), stripe_facts.event_from)
