"""What the shop says, as facts that billing reads: frozen, in its own words, moments with their zone."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class CatalogItem:
    """Something for sale. `key` names the price for good; `interval` is "month", "year" or empty for once."""

    key: str
    product: str
    name: str
    amount_cents: int
    interval: str = ""
    currency: str = "usd"
    description: str = ""


@dataclass(frozen=True)
class CheckoutLink:
    """Where a person goes to pay."""

    id: str
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class PortalLink:
    """Where a person sees to their card, plan and invoices."""

    url: str


@dataclass(frozen=True)
class CardFacts:
    """A card as it may be shown; the fingerprint is the same for the same card, whoever uses it."""

    brand: str
    last4: str
    fingerprint: str
    expires: str

    @property
    def text(self) -> str:
        """The card as people call it."""
        return f"{self.brand.capitalize()} ending in {self.last4}"


@dataclass(frozen=True)
class LineFacts:
    """One line of a checkout or an invoice."""

    price_id: str
    key: str  # the price's lookup key; empty where only its id is known
    quantity: int
    amount_cents: int
    text: str = ""
    is_proration: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class SubscriptionState:
    """A subscription as it is now."""

    id: str
    customer_id: str
    status: str
    price_id: str
    key: str
    interval: str
    period_starts_at: datetime
    period_ends_at: datetime
    cancels_at_period_end: bool
    ended_at: datetime | None
    created_at: datetime
    latest_invoice_id: str
    # What it changes to at the period's end, if it waits for that.
    next_price_id: str
    next_key: str
    # A change that is not paid yet is given up then.
    pending_until: datetime | None
    card: CardFacts | None
    metadata: dict[str, str] = field(default_factory=dict)
    # When it was told to end, now or with its period.
    cancelled_at: datetime | None = None

    @property
    def is_running(self) -> bool:
        """Whether its plan is in force; one that fails to pay is, until it is given up."""
        return self.status in ("active", "trialing", "past_due")


@dataclass(frozen=True)
class CheckoutFacts:
    """A checkout as it is now."""

    id: str
    mode: str
    status: str
    is_paid: bool
    customer_id: str
    client_reference_id: str
    subscription_id: str
    invoice_id: str
    payment_intent_id: str
    amount_cents: int
    currency: str
    lines: tuple[LineFacts, ...]
    created_at: datetime
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InvoiceFacts:
    """An invoice as it is now. `total_cents` has tax and discount in it; `paid_cents` is what came."""

    id: str
    customer_id: str
    subscription_id: str
    status: str
    reason: str
    number: str
    currency: str
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    due_cents: int
    paid_cents: int
    created_at: datetime
    paid_at: datetime | None
    next_attempt_at: datetime | None
    attempts: int
    url: str
    pdf_url: str
    payment_intent_id: str
    lines: tuple[LineFacts, ...]
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def is_paid(self) -> bool:
        return self.status == "paid"


@dataclass(frozen=True)
class ChargeFacts:
    """A payment that was made or failed, and what became of it."""

    id: str
    payment_intent_id: str
    customer_id: str
    amount_cents: int
    refunded_cents: int
    currency: str
    is_paid: bool
    is_disputed: bool
    failure: str
    card: CardFacts | None
    receipt_url: str
    created_at: datetime
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RefundFacts:
    """Money that went back."""

    id: str
    charge_id: str
    payment_intent_id: str
    amount_cents: int
    status: str
    created_at: datetime


@dataclass(frozen=True)
class DisputeFacts:
    """A charge that its payer told the bank was wrong."""

    id: str
    charge_id: str
    payment_intent_id: str
    amount_cents: int
    currency: str
    reason: str
    status: str
    due_at: datetime | None
    created_at: datetime

    @property
    def is_won(self) -> bool:
        return self.status in ("won", "warning_closed", "prevented")

    @property
    def is_lost(self) -> bool:
        return self.status == "lost"


@dataclass(frozen=True)
class EventEnvelope:
    """That something changed: fetch the object, the payload may be old."""

    id: str
    type: str
    created_at: datetime
    object_type: str
    object_id: str
    customer_id: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class ChangePreview:
    """What changing the plan now would cost, after what is left of the old one."""

    due_cents: int
    currency: str
    lines: tuple[LineFacts, ...]
