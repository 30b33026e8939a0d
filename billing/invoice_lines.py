"""The shop's invoices as Settings → Billing lists them, and its receipts of automatic top-ups, which have none."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from accounts.models import User
from billing import purchases, receipts
from billing.errors import PaymentError
from billing.models import Customer, Payment
from billing.money import amount
from billing.payment_facts import InvoiceFacts

_STATES = {"paid": "Paid", "open": "To be paid", "void": "Void", "uncollectible": "Given up", "draft": "Being written"}


@dataclass(frozen=True)
class InvoiceLine:
    """An invoice or a receipt; `url` is its page at the shop, where an open one can be paid."""

    number: str
    at: datetime
    total: str
    state: str
    is_open: bool
    url: str
    pdf_url: str


def invoice_lines(user: User) -> list[InvoiceLine] | None:
    """Return somebody's invoices and top-ups, the newest first; None while the shop does not answer. Asks the shop."""
    if not Customer.objects.filter(user=user).exists():
        return []
    try:
        found = [*map(_line, purchases.invoices(user)), *_top_ups(user)]
    except PaymentError:
        return None
    return sorted(found, key=lambda line: line.at, reverse=True)


def _top_ups(user: User) -> list[InvoiceLine]:
    """Return the automatic top-ups: nobody passed a checkout, so the shop wrote a receipt instead of an invoice."""
    paid = Payment.objects.filter(wallet__user=user, kind=Payment.Kind.TOP_UP).order_by("-paid_at")
    shown = {payment.payment_intent_id: payment for payment in paid[: purchases.INVOICES_SHOWN]}
    if not shown:
        return []
    charges = purchases.charges(user, since=min(payment.paid_at for payment in shown.values()))
    return [
        InvoiceLine(
            number=receipts.number_of(shown[charge.payment_intent_id]),
            at=charge.created_at,
            total=amount(charge.amount_cents, charge.currency, exact=True),
            state=gettext("Paid, automatic top-up"),
            is_open=False,
            url=charge.receipt_url,
            pdf_url="",
        )
        for charge in charges
        if charge.is_paid and charge.payment_intent_id in shown
    ]


def _line(invoice: InvoiceFacts) -> InvoiceLine:
    return InvoiceLine(
        number=invoice.number or invoice.id,
        at=invoice.created_at,
        total=amount(invoice.total_cents, invoice.currency, exact=True),
        state=_STATES.get(invoice.status, invoice.status.capitalize()),
        is_open=invoice.status == "open",
        url=invoice.url,
        pdf_url=invoice.pdf_url,
    )
