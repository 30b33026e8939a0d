"""Invoices as documents: their lines, discounts, tax and totals, and their way from draft to open, paid or void.

Whether the money comes is collection.py's. An invoice is finalised at once; that of a renewal, like the real shop's,
an hour later where the mode says so: until then it is a draft that no change of the subscription touches.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from billing.test_shop import events, payments, promotions
from billing.test_shop.documents import Document, automatic_tax, list_of, new_id
from billing.test_shop.store import Books

# What automatic tax adds here, whoever buys: enough to see it on an invoice.
TAX_PERCENT = 10
_DRAFT_SECONDS = 3600
_ZERO = (
    *("amount_overpaid", "amount_paid", "amount_shipping", "attempt_count"),
    *("post_payment_credit_notes_amount", "pre_payment_credit_notes_amount"),
)
_SETTINGS = ("default_mandate", "payment_method_options", "payment_method_types")


@dataclass(frozen=True)
class Line:
    """What a line is about; an amount of its own (cents) where it is a part of a price."""

    price: Document
    description: str
    start: int
    end: int
    quantity: int = 1
    amount: int | None = None
    item: str = ""  # the subscription's item
    is_proration: bool = False

    @property
    def cents(self) -> int:
        """What the line costs before discount and tax."""
        return int(self.price["unit_amount"]) * self.quantity if self.amount is None else self.amount


def draft(
    books: Books,
    customer: Document,
    lines: Iterable[Line],
    *,
    reason: str,
    subscription: Document | None = None,
    discounts: Iterable[Document] = (),
    taxed: bool = False,
    **facts: Any,
) -> Document:
    """Return an invoice with its totals, not yet written: a preview is one too."""
    discounts, lines, id = list(discounts), list(lines), new_id("invoice")
    rows = _rows(books, id, lines, discounts, subscription, taxed)
    subtotal = sum(row["amount"] for row in rows)
    off = _sum_by_discount(rows)
    tax = sum(row["taxes"][0]["amount"] for row in rows if row["taxes"])
    total = subtotal - sum(part["amount"] for part in off) + tax
    balance, now = int(customer["balance"] or 0), books.now(customer)
    due = max(0, total + balance)
    sums = {"subtotal": subtotal, "total": total, "amount_due": due, "amount_remaining": due}
    return {
        **_frame(id, customer, now),
        **_period(lines, now),
        **sums,
        "automatic_tax": {"disabled_reason": None, **automatic_tax(taxed)},
        "billing_reason": reason,
        "currency": lines[0].price["currency"],
        "description": facts.get("description"),
        "discounts": [discount["id"] for discount in discounts],
        "ending_balance": min(0, total + balance),
        "lines": list_of(rows, f"/v1/invoices/{id}/lines"),
        "metadata": facts.get("metadata") or {},
        "parent": _parent(subscription),
        "starting_balance": balance,
        "subtotal_excluding_tax": subtotal,
        "total_discount_amounts": off,
        "total_excluding_tax": total - tax,
        "total_taxes": [_tax(tax, total - tax)] if taxed else [],
        "_subscription": subscription and subscription["id"],
    }


def put_off(books: Books, invoice: Document) -> Document:
    """Leave an invoice a draft for an hour. Source: https://docs.stripe.com/billing/invoices/subscription."""
    invoice |= {"auto_advance": True, "_finalizes_at": books.now(invoice) + _DRAFT_SECONDS}
    books.put(invoice)
    events.emit(books, "invoice.created", invoice)
    return invoice


def finalize(books: Books, invoice: Document, intent: Document | None = None) -> Document:
    """Give the invoice its number and open it; what it asks for is asked by this payment intent or a new one."""
    if books.find(invoice["id"]) is None:
        books.put(invoice)
        events.emit(books, "invoice.created", invoice)
    customer = books.get("customer", invoice["customer"])
    invoice["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}"
    customer["next_invoice_sequence"] += 1
    customer["balance"] = invoice["ending_balance"]
    books.put(customer)
    invoice |= {"status": "open", "effective_at": invoice["created"], "auto_advance": True, "_finalizes_at": None}
    invoice["status_transitions"]["finalized_at"] = books.now(invoice)
    page = f"{books.base_url}/invoice/{invoice['id']}"
    invoice |= {"hosted_invoice_url": page, "invoice_pdf": f"{page}/pdf"}
    if invoice["amount_due"]:
        intent = intent or payments.intend(
            books, customer, invoice["amount_due"], invoice["currency"], description=f"Invoice {invoice['number']}"
        )
        invoice["_payment_intent"] = intent["id"]
        books.put(_payment(books, invoice, intent))
    return events.save(books, invoice, "invoice.finalized")


def settle(books: Books, invoice: Document) -> Document:
    """Mark an open invoice as paid."""
    now = books.now(invoice)
    for payment in books.all("invoice_payment", invoice=invoice["id"]):
        payment |= {"status": "paid", "amount_paid": payment["amount_requested"]}
        payment["status_transitions"]["paid_at"] = now
        events.save(books, payment, "invoice_payment.paid")
    invoice |= {"status": "paid", "amount_paid": invoice["amount_due"], "amount_remaining": 0, "attempted": True}
    invoice |= {"next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"]["paid_at"] = now
    return events.save(books, invoice, "invoice.updated", "invoice.paid", "invoice.payment_succeeded")


def void(books: Books, invoice: Document) -> Document:
    """Take an open invoice back; nobody will pay it."""
    invoice |= {"status": "void", "next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"]["voided_at"] = books.now(invoice)
    intent = books.find(invoice["_payment_intent"])
    if intent and intent["status"] not in ("succeeded", "canceled"):
        payments.cancel(books, intent, "void_invoice")
    for payment in books.all("invoice_payment", invoice=invoice["id"]):
        payment["status"] = "canceled"
        books.put(payment)
    return events.save(books, invoice, "invoice.updated", "invoice.voided")


def of_subscription(books: Books, subscription: Document) -> list[Document]:
    """Return a subscription's invoices, newest first, without those taken back."""
    found = books.all("invoice", _subscription=subscription["id"])
    return [invoice for invoice in found if invoice["status"] != "void"]


def _frame(id: str, customer: Document, now: int) -> Document:
    empty = ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")
    nothing = ("customer_address", "customer_phone", "customer_shipping", "default_payment_method", "default_source")
    never = ("footer", "from_invoice", "last_finalization_error", "statement_descriptor")
    later = ("due_date", "effective_at", "hosted_invoice_url", "invoice_pdf", "next_payment_attempt", "number")
    return {
        "id": id,
        "object": "invoice",
        **dict.fromkeys((*nothing, *later, *never)),
        "account_country": "US",
        "account_name": "Test shop",
        **dict.fromkeys(_ZERO, 0),
        "attempted": False,
        "auto_advance": False,
        "collection_method": "charge_automatically",
        "created": now,
        "custom_fields": None,
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "issuer": {"type": "self"},
        "livemode": False,
        "payment_settings": dict.fromkeys(_SETTINGS),
        "receipt_number": None,
        "status": "draft",
        "status_transitions": dict.fromkeys(empty),
        "test_clock": customer["test_clock"],
        "_payment_intent": None,
        "_finalizes_at": None,
        "_is_pending_update": False,
    }


def _period(lines: list[Line], now: int) -> Document:
    whole = [line for line in lines if not line.is_proration]
    return {
        "period_end": max([line.end for line in whole] or [now]),
        "period_start": min([line.start for line in whole] or [now]),
    }


def _parent(subscription: Document | None) -> Document | None:
    if subscription is None:
        return None
    details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
    return {"type": "subscription_details", "quote_details": None, "subscription_details": details}


def _rows(
    books: Books, id: str, lines: list[Line], discounts: list[Document], subscription: Document | None, taxed: bool
) -> list[Document]:
    rows = [_row(id, line, subscription) for line in lines]
    for discount in discounts:
        coupon = books.get("coupon", discount["source"]["coupon"])
        left = coupon["amount_off"] or 0
        for row, line in zip(rows, lines, strict=True):
            if row["amount"] < 0:  # what goes back is what was paid, after discount, already
                continue
            if coupon["percent_off"] is None:  # a fixed amount comes off the full lines, once
                off = 0 if line.is_proration else min(left, row["amount"])
                left -= off
            else:
                off = promotions.taken_off(coupon, row["amount"])
            row["discounts"].append(discount["id"])
            row["discount_amounts"].append({"amount": off, "discount": discount["id"]})
    for row in rows:
        net = net_of(row)
        row["taxes"] = [_tax(round(net * TAX_PERCENT / 100), net)] if taxed else []
    return rows


def net_of(row: Document) -> int:
    """Return what a line costs after its discounts, without tax."""
    return int(row["amount"] - sum(part["amount"] for part in row["discount_amounts"]))


def _row(id: str, line: Line, subscription: Document | None) -> Document:
    part = {"invoice_item": None, "proration": line.is_proration, "proration_details": None}
    if subscription:
        details = {**part, "subscription": subscription["id"], "subscription_item": line.item}
        parent: Document = {"invoice_item_details": None, "subscription_item_details": details}
        parent["type"] = "subscription_item_details"
    else:
        details = {**part, "invoice_item": new_id("line_item"), "subscription": None}
        parent = {"invoice_item_details": details, "subscription_item_details": None, "type": "invoice_item_details"}
    price = {"price": line.price["id"], "product": line.price["product"]}
    return {
        "id": new_id("line_item"),
        "object": "line_item",
        "amount": line.cents,
        "currency": line.price["currency"],
        "description": line.description,
        "discount_amounts": [],
        "discountable": not line.is_proration,
        "discounts": [],
        "invoice": id,
        "livemode": False,
        "metadata": {},
        "parent": parent,
        "period": {"end": line.end, "start": line.start},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": price,
            "type": "price_details",
            "unit_amount_decimal": line.price["unit_amount_decimal"],
        },
        "quantity": line.quantity,
        "subscription": subscription and subscription["id"],
        "subtotal": line.cents,
        "taxes": [],
    }


def _tax(amount: int, taxable: int) -> Document:
    return {
        "amount": amount,
        "tax_behavior": "exclusive",
        "tax_rate_details": {"tax_rate": "txr_testshop"},
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }


def _sum_by_discount(rows: list[Document]) -> list[Document]:
    sums: dict[str, int] = {}
    for row in rows:
        for part in row["discount_amounts"]:
            sums[part["discount"]] = sums.get(part["discount"], 0) + part["amount"]
    return [{"amount": amount, "discount": id} for id, amount in sums.items()]


def _payment(books: Books, invoice: Document, intent: Document) -> Document:
    return {
        "id": new_id("invoice_payment"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": books.now(invoice),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
