"""What an event, a page or the nightly comparison points at: fetched as it is now and applied.

Two may fetch the same object at the same time and write in the other order; so who fetched before something else was
written fetches again. Nothing here belongs inside a transaction.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from django.utils import timezone

from billing import payments, plans, stripe_orders, stripe_reads, subscriptions
from billing.errors import NotOurs, Outdated, ShopRefused
from billing.models import Payment, Subscription
from billing.payers import payer_of
from billing.payment_facts import CheckoutFacts, DisputeFacts, InvoiceFacts, LineFacts, SubscriptionState
from billing.payments import Applied

logger = logging.getLogger(__name__)

_TURNS = 5
T = TypeVar("T")


def follow_subscription(subscription_id: str) -> Subscription:
    """Apply a subscription as it is now; end and pay back one that is not to be. Raises NotOurs, UnknownInShop."""
    if not Subscription.objects.filter(subscription_id=subscription_id).exists():
        _follow_older(subscription_id)
    row = _fetch_and_apply(subscription_id)
    if subscriptions.must_end(row, timezone.now()):
        stripe_orders.cancel_now(subscription_id)
        row = _fetch_and_apply(subscription_id)
    if row.is_duplicate:
        _pay_back(row)
    return row


def follow_paid_change(subscription_id: str) -> Subscription:
    """Apply a subscription whose upgrade was paid after the bank's question: it no longer ends, unless it was cancelled
    since the upgrade. Raises NotOurs, UnknownInShop.
    """
    row = follow_subscription(subscription_id)
    state = stripe_reads.fetch_subscription(subscription_id)
    ends = state.is_running and state.cancels_at_period_end
    if ends and state.cancelled_at and state.cancelled_at <= state.period_starts_at:
        stripe_orders.resume(subscription_id)
        row = _fetch_and_apply(subscription_id)
    return row


def follow_invoice(invoice_id: str) -> Applied | None:
    """Apply an invoice and its subscription as they are now. Raises NotOurs, UnknownInShop."""
    asked_at = timezone.now()
    invoice = stripe_reads.fetch_invoice(invoice_id)
    subscription_id = invoice.subscription_id
    if subscription_id:
        row = follow_subscription(subscription_id)
        is_new = invoice.is_paid and not Payment.objects.filter(payment_id=invoice_id).exists()
        if is_new and (invoice.reason == "subscription_update" or _is_of_before(invoice, row)):
            _follow_earlier(invoice)
    applied = _apply_invoice(invoice_id, (invoice, asked_at))
    if applied and subscription_id:
        # What was refunded may have ended what it paid for.
        paid_for = applied.payment.subscription
        if paid_for is not None and subscriptions.must_end(paid_for, timezone.now()):
            follow_subscription(subscription_id)
    return applied


def follow_checkout(checkout_id: str) -> Applied | None:
    """Apply what a checkout has bought. Raises NotOurs, UnknownInShop."""
    return apply_checkout(stripe_reads.fetch_checkout(checkout_id))


def apply_checkout(facts: CheckoutFacts) -> Applied | None:
    """Apply what a checkout has bought; nothing where it is not paid. Raises NotOurs."""
    if payer_of(facts.customer_id, facts.client_reference_id) is None:
        raise NotOurs(f"Checkout {facts.id} is of customer {facts.customer_id}, whom we don't know.")
    if not facts.is_paid:
        return None
    invoice_id = facts.invoice_id
    if not invoice_id and facts.payment_intent_id:
        invoice_id = stripe_reads.invoice_of_payment(facts.payment_intent_id)
    if invoice_id:
        return follow_invoice(invoice_id)
    if facts.subscription_id:
        follow_subscription(facts.subscription_id)
    return None


def follow_charge(charge_id: str) -> Applied | None:
    """Apply what became of a charge. Raises NotOurs, UnknownInShop."""
    return follow_payment(stripe_reads.fetch_charge(charge_id).payment_intent_id)


def follow_dispute(dispute_id: str) -> Applied | None:
    """Apply a dispute. Raises NotOurs, UnknownInShop."""
    return follow_payment(stripe_reads.fetch_dispute(dispute_id).payment_intent_id)


def follow_payment(payment_intent_id: str) -> Applied | None:
    """Apply the invoice that a payment pays, or the payment without one that we made. Raises NotOurs."""
    invoice_id = stripe_reads.invoice_of_payment(payment_intent_id) if payment_intent_id else ""
    if invoice_id:
        return follow_invoice(invoice_id)
    row = Payment.objects.select_related("wallet").filter(payment_id=payment_intent_id).first()
    if row is None:
        raise NotOurs(f"Payment {payment_intent_id} is for nothing that we sell.")

    def turn(asked_at: datetime) -> Applied | None:
        charge = stripe_reads.fetch_payment(payment_intent_id)
        if charge is None:
            return None
        disputes = list(stripe_reads.list_disputes(charge.id)) if charge.is_disputed else []
        return payments.apply_charge(row, charge, disputes, asked_at=asked_at)

    return _newest(turn)


# --- Parts ------------------------------------------------------------------------------------------------------


def _fetch_and_apply(subscription_id: str) -> Subscription:
    def turn(asked_at: datetime) -> Subscription:
        return subscriptions.apply(stripe_reads.fetch_subscription(subscription_id), asked_at=asked_at)

    return _newest(turn)


def _follow_older(subscription_id: str) -> None:
    """Apply the customer's older subscriptions that are not known: so a second one is known as such from the start."""
    state = stripe_reads.fetch_subscription(subscription_id)
    older = [other for other in stripe_reads.list_subscriptions(state.customer_id) if _is_older(other, state)]
    for other in sorted(older, key=lambda one: (one.created_at, one.id)):
        if not Subscription.objects.filter(subscription_id=other.id).exists():
            with suppress(NotOurs):
                _fetch_and_apply(other.id)


def _is_older(one: SubscriptionState, other: SubscriptionState) -> bool:
    return (one.created_at, one.id) < (other.created_at, other.id)


def _is_of_before(invoice: InvoiceFacts, row: Subscription) -> bool:
    """Return whether an invoice is for a period that is over or was cut short: what cut it may have been paid first."""
    return any(line.starts_at and line.starts_at < row.period_starts_at for line in invoice.lines)


def _follow_earlier(invoice: InvoiceFacts) -> None:
    """Apply what was paid before a change of plan, or before a renewal that one cut short, in that order.

    The change brings less by what a paid period had brought too much, the renewal by what the change took over.
    """
    found = [other for other in stripe_reads.list_invoices(invoice.customer_id) if _is_before(other, invoice)]
    for other in sorted(found, key=_order):
        if not Payment.objects.filter(payment_id=other.id).exists():
            _apply_invoice(other.id)


def _is_before(other: InvoiceFacts, invoice: InvoiceFacts) -> bool:
    if other.id == invoice.id or other.subscription_id != invoice.subscription_id or not other.is_paid:
        return False
    return _order(other) <= _order(invoice)


def _order(invoice: InvoiceFacts) -> tuple[datetime, datetime]:
    return invoice.paid_at or invoice.created_at, invoice.created_at


def _apply_invoice(invoice_id: str, fetched: tuple[InvoiceFacts, datetime] | None = None) -> Applied | None:
    """Apply an invoice, at first as it was fetched already, if it was."""
    at_hand = [fetched] if fetched else []

    def turn(now: datetime) -> Applied | None:
        invoice, asked_at = at_hand.pop() if at_hand else (stripe_reads.fetch_invoice(invoice_id), now)
        invoice = _with_keys(invoice)
        charge = stripe_reads.fetch_payment(invoice.payment_intent_id) if invoice.payment_intent_id else None
        disputes: list[DisputeFacts] = []
        if charge is not None and charge.is_disputed:
            disputes = list(stripe_reads.list_disputes(charge.id))
        return payments.apply_invoice(invoice, charge, disputes, asked_at=asked_at)

    return _newest(turn)


def _with_keys(invoice: InvoiceFacts) -> InvoiceFacts:
    """Return a plan's invoice with the keys of the prices that were replaced: its lines say their ids alone.

    The subscription does not say it: it may have another plan by now.
    """
    if not invoice.subscription_id:
        return invoice
    return replace(invoice, lines=tuple(map(_with_key, invoice.lines)))


def _with_key(line: LineFacts) -> LineFacts:
    if not line.price_id or line.key or plans.plan_of_price(line.price_id):
        return line
    return replace(line, key=stripe_reads.fetch_price_key(line.price_id))


def _newest(turn: Callable[[datetime], T]) -> T:
    """Fetch and apply; fetch again where something was written since the shop was asked."""
    for _ in range(_TURNS - 1):
        try:
            return turn(timezone.now())
        except Outdated:
            continue
    # The clock was set back, or there is a crowd: whoever comes last has fetched last.
    return turn(datetime.max.replace(tzinfo=UTC))


def _pay_back(row: Subscription) -> None:
    """Refund all that a duplicate was paid; a second time nothing is left to refund."""
    state = stripe_reads.fetch_subscription(row.subscription_id)
    for invoice in stripe_reads.list_invoices(state.customer_id):
        if invoice.subscription_id != row.subscription_id or not invoice.is_paid:
            continue
        applied = _apply_invoice(invoice.id)
        if applied is None or not invoice.payment_intent_id or applied.payment.lost_cents >= invoice.paid_cents:
            continue
        try:
            stripe_orders.refund(invoice.payment_intent_id, key=f"duplicate:{invoice.id}")
        except ShopRefused as error:
            logger.warning("duplicate not refunded", extra={"invoice": invoice.id, "code": error.code})
        _apply_invoice(invoice.id)
