"""Reads the shop's plain dictionaries into facts; nothing here knows the `stripe` package."""

from datetime import UTC, datetime
from typing import Any

from billing.payment_facts import (
    CardFacts,
    ChargeFacts,
    CheckoutFacts,
    DisputeFacts,
    EventEnvelope,
    InvoiceFacts,
    LineFacts,
    RefundFacts,
    SubscriptionState,
)

Plain = dict[str, Any]

# Marks what this site made at the shop, for it may not be alone there.
OWN = "getimg"


def moment(seconds: int | None) -> datetime | None:
    """Return a moment of the shop's, which may be none."""
    return None if seconds is None else at(seconds)


def at(seconds: int) -> datetime:
    """Return a moment of the shop's."""
    return datetime.fromtimestamp(seconds, UTC)


def id_of(value: Any) -> str:
    """Return the id of what is named or put in whole; empty for nothing."""
    return str(value["id"]) if isinstance(value, dict) else str(value or "")


def card_from(method: Any) -> CardFacts | None:
    """Return the card of a payment method or of a charge's details; None for one only named."""
    card = method.get("card") if isinstance(method, dict) else None
    if not card:
        return None
    expires = f"{card['exp_month']:02}/{card['exp_year']}"
    return CardFacts(card["brand"] or "card", card["last4"] or "", card.get("fingerprint") or "", expires)


def subscription_from(plain: Plain) -> SubscriptionState:
    """Read a subscription, its schedule and card expanded."""
    item = plain["items"]["data"][0]
    schedule = plain.get("schedule")
    later = _later_price(schedule, item["current_period_end"]) if isinstance(schedule, dict) else None
    return SubscriptionState(
        id=plain["id"],
        customer_id=id_of(plain["customer"]),
        status=plain["status"],
        price_id=item["price"]["id"],
        key=key_of(item["price"]),
        interval=item["price"]["recurring"]["interval"],
        period_starts_at=at(item["current_period_start"]),
        period_ends_at=at(item["current_period_end"]),
        cancels_at_period_end=ends_with_period(plain),
        ended_at=moment(plain["ended_at"]),
        created_at=at(plain["created"]),
        latest_invoice_id=id_of(plain["latest_invoice"]),
        next_price_id=id_of(later),
        next_key=key_of(later) if isinstance(later, dict) else "",
        pending_until=moment((plain["pending_update"] or {}).get("expires_at")),
        card=card_from(plain["default_payment_method"]),
        metadata=dict(plain["metadata"] or {}),
        cancelled_at=moment(plain["canceled_at"]),
    )


def ends_with_period(subscription: Plain) -> bool:
    """Return whether a subscription is cancelled: its end is its period's, or a moment that the portal has set.

    Source: https://docs.stripe.com/billing/subscriptions/billing-mode, what "flexible" changes.
    """
    moment, period_end = subscription["cancel_at"], subscription["items"]["data"][0]["current_period_end"]
    return bool(subscription["cancel_at_period_end"]) or (moment is not None and moment <= period_end)


def _later_price(schedule: Plain, period_end: int) -> Any:
    phases = [phase for phase in schedule["phases"] if phase["start_date"] >= period_end]
    return phases[0]["items"][0]["price"] if phases else None


def key_of(price: Plain) -> str:
    """Return the key of what a price is for; one that was replaced has handed it over, and still says which it was."""
    return str(price.get("lookup_key") or (price.get("metadata") or {}).get(OWN, ""))


def checkout_from(plain: Plain) -> CheckoutFacts:
    """Read a checkout, its line items expanded."""
    return CheckoutFacts(
        id=plain["id"],
        mode=plain["mode"],
        status=plain["status"] or "",
        is_paid=plain["status"] == "complete" and plain["payment_status"] in ("paid", "no_payment_required"),
        customer_id=id_of(plain["customer"]),
        client_reference_id=plain["client_reference_id"] or "",
        subscription_id=id_of(plain["subscription"]),
        invoice_id=id_of(plain["invoice"]),
        payment_intent_id=id_of(plain["payment_intent"]),
        amount_cents=plain["amount_total"] or 0,
        currency=plain["currency"] or "",
        lines=tuple(_checkout_line(line) for line in (plain.get("line_items") or {"data": []})["data"]),
        created_at=at(plain["created"]),
        metadata=dict(plain["metadata"] or {}),
    )


def _checkout_line(line: Plain) -> LineFacts:
    price = line["price"]
    text = line["description"] or ""
    return LineFacts(price["id"], key_of(price), line["quantity"] or 1, line["amount_total"], text)


def invoice_from(plain: Plain) -> InvoiceFacts:
    """Read an invoice, its payments expanded."""
    parent = (plain["parent"] or {}).get("subscription_details") or {}
    payments = (plain.get("payments") or {"data": []})["data"]
    # One that was tried and left may stand before the one that paid.
    payments = [one for one in payments if one["status"] == "paid"] or payments
    return InvoiceFacts(
        id=plain["id"],
        customer_id=id_of(plain["customer"]),
        subscription_id=id_of(parent.get("subscription")),
        status=plain["status"] or "",
        reason=plain["billing_reason"] or "",
        number=plain["number"] or "",
        currency=plain["currency"],
        subtotal_cents=plain["subtotal"],
        discount_cents=sum(part["amount"] for part in plain["total_discount_amounts"] or []),
        tax_cents=sum(part["amount"] for part in plain["total_taxes"] or []),
        total_cents=plain["total"],
        due_cents=plain["amount_due"],
        paid_cents=plain["amount_paid"],
        created_at=at(plain["created"]),
        paid_at=moment(plain["status_transitions"]["paid_at"]),
        next_attempt_at=moment(plain["next_payment_attempt"]),
        attempts=plain["attempt_count"],
        url=plain["hosted_invoice_url"] or "",
        pdf_url=plain["invoice_pdf"] or "",
        payment_intent_id=id_of(payments[0]["payment"].get("payment_intent")) if payments else "",
        lines=tuple(invoice_line(line) for line in plain["lines"]["data"]),
        metadata=dict(plain["metadata"] or {}),
    )


def invoice_line(line: Plain) -> LineFacts:
    """Read a line of an invoice."""
    parent = line["parent"] or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    off = sum(part["amount"] for part in line["discount_amounts"] or [])
    return LineFacts(
        price_id=id_of(((line["pricing"] or {}).get("price_details") or {}).get("price")),
        key="",
        quantity=line["quantity"] or 1,
        amount_cents=line["amount"] - off,
        text=line["description"] or "",
        is_proration=bool(details.get("proration")),
        starts_at=at(line["period"]["start"]),
        ends_at=at(line["period"]["end"]),
    )


def charge_from(plain: Plain, metadata: dict[str, str] | None = None) -> ChargeFacts:
    """Read a charge; `metadata` is its payment intent's, where that is at hand."""
    return ChargeFacts(
        id=plain["id"],
        payment_intent_id=id_of(plain["payment_intent"]),
        customer_id=id_of(plain["customer"]),
        amount_cents=plain["amount"],
        refunded_cents=plain["amount_refunded"],
        currency=plain["currency"],
        is_paid=plain["paid"],
        is_disputed=plain["disputed"],
        failure=plain["failure_message"] or "",
        card=card_from(plain["payment_method_details"]),
        receipt_url=plain["receipt_url"] or "",
        created_at=at(plain["created"]),
        metadata=dict(plain["metadata"] if metadata is None else metadata),
    )


def refund_from(plain: Plain) -> RefundFacts:
    """Read a refund."""
    intent, status = id_of(plain["payment_intent"]), plain["status"] or ""
    return RefundFacts(plain["id"], id_of(plain["charge"]), intent, plain["amount"], status, at(plain["created"]))


def dispute_from(plain: Plain) -> DisputeFacts:
    """Read a dispute."""
    return DisputeFacts(
        id=plain["id"],
        charge_id=id_of(plain["charge"]),
        payment_intent_id=id_of(plain["payment_intent"]),
        amount_cents=plain["amount"],
        currency=plain["currency"],
        reason=plain["reason"],
        status=plain["status"],
        due_at=moment(plain["evidence_details"].get("due_by")),
        created_at=at(plain["created"]),
    )


def event_from(plain: Plain) -> EventEnvelope:
    """Read an event."""
    about = plain["data"]["object"]
    customer = about["id"] if about["object"] == "customer" else about.get("customer")
    return EventEnvelope(
        id=plain["id"],
        type=plain["type"],
        created_at=at(plain["created"]),
        object_type=about["object"],
        object_id=about.get("id") or "",
        customer_id=id_of(customer),
        payload=plain,
    )
