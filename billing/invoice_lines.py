"""The shop's invoices as Settings → Billing lists them."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from billing import purchases
from billing.errors import PaymentError
from billing.models import Customer
from billing.money import amount
from billing.payment_facts import InvoiceFacts

_STATES = {"paid": "Paid", "open": "To be paid", "void": "Void", "uncollectible": "Given up", "draft": "Being written"}


@dataclass(frozen=True)
class InvoiceLine:
    """An invoice; `url` is its page at the shop, where an open one can be paid."""

    number: str
    at: datetime
    total: str
    state: str
    is_open: bool
    url: str
    pdf_url: str


def invoice_lines(user: User) -> list[InvoiceLine] | None:
    """Return somebody's invoices, the newest first; None while the shop does not answer. Asks the shop."""
    if not Customer.objects.filter(user=user).exists():
        return []
    try:
        found = purchases.invoices(user)
    except PaymentError:
        return None
    return [_line(invoice) for invoice in sorted(found, key=lambda invoice: invoice.created_at, reverse=True)]


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
