"""Payments as the shop told them: what was bought, the credits of a pack, and what became of the money.

The invoice is the natural key. A pack's credits are granted here, once for each payment and only for the price that
it has; which months a plan's payment pays is `paid_months`' to say, and `cycle_sweep` hands them out. Nothing here asks
the shop: what was fetched comes in.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from billing import cycle_sweep, ledger, notices, paid_months, plans, referral_rewards, subscriptions, top_ups
from billing.brought import grant_key
from billing.errors import NotOurs, Outdated
from billing.models import CreditLot, Interval, Pack, Payment, Plan, Product, Subscription, Wallet
from billing.paid_months import Rest
from billing.payers import pack_meant, payer_of
from billing.payment_facts import ChargeFacts, DisputeFacts, InvoiceFacts, LineFacts

logger = logging.getLogger(__name__)

BOUGHT = gettext_noop("Bought: %(pack)s")

Kind, Dispute = Payment.Kind, Payment.Dispute


@dataclass(frozen=True)
class Applied:
    """The row of a payment, and what an operator should know about it."""

    payment: Payment
    note: str = ""


@dataclass(frozen=True)
class Sold:
    """What an invoice is for."""

    wallet: Wallet
    kind: Payment.Kind
    line: LineFacts
    subscription: Subscription | None = None
    plan: Plan | None = None
    interval: str = ""
    pack: Pack | None = None


@dataclass(frozen=True)
class _Fate:
    """What had become of a payment's money before."""

    refunded_cents: int = 0
    dispute: str = ""
    lost_cents: int = 0


def apply_invoice(
    invoice: InvoiceFacts,
    charge: ChargeFacts | None = None,
    disputes: Sequence[DisputeFacts] = (),
    *,
    asked_at: datetime | None = None,
) -> Applied | None:
    """Write a paid invoice with what became of its charge; grant a pack's credits. None for one that is not paid.

    asked_at: when the shop was asked for it. Locks the wallet. Its subscription was applied before.

    Raises: NotOurs for a person or a thing that we don't know, Outdated where it was written meanwhile.
    """
    if not invoice.is_paid:
        return None
    sold = _sold(invoice)
    with transaction.atomic():
        Wallet.objects.locked(sold.wallet.pk)
        known = Payment.objects.filter(payment_id=invoice.id).first()
        if known and asked_at and known.synced_at > asked_at:
            raise Outdated(f"Payment {invoice.id} was written at {known.synced_at}.")
        before = _fate(known) if known else _Fate()
        row = known or Payment(payment_id=invoice.id, wallet=sold.wallet, kind=sold.kind)
        now = timezone.now()
        _set_facts(row, invoice, sold, now)
        _set_fate(row, charge, disputes)
        row.save()
        is_new = known is None
        note = _grant_pack(row, invoice, sold, now) if sold.pack else _plan_note(row, invoice, sold, is_new=is_new)
        subscriptions.settle(sold.wallet, now)
        row.refresh_from_db()
        _tell(row, is_new=is_new, before=before)
    cycle_sweep.run_for(sold.wallet)
    row.refresh_from_db()
    return Applied(row, note)


def apply_charge(row: Payment, charge: ChargeFacts, disputes: Sequence[DisputeFacts], *, asked_at: datetime) -> Applied:
    """Write what became of the charge of a payment without an invoice. Locks the wallet. Raises Outdated."""
    with transaction.atomic():
        Wallet.objects.locked(row.wallet_id)
        row.refresh_from_db()
        if row.synced_at > asked_at:
            raise Outdated(f"Payment {row.payment_id} was written at {row.synced_at}.")
        before = _fate(row)
        row.synced_at = now = timezone.now()
        _set_fate(row, charge, disputes)
        row.save()
        subscriptions.settle(row.wallet, now)
        row.refresh_from_db()
        _tell(row, is_new=False, before=before)
    cycle_sweep.run_for(row.wallet)
    row.refresh_from_db()
    return Applied(row)


# --- What it is for ---------------------------------------------------------------------------------------------


def _sold(invoice: InvoiceFacts) -> Sold:
    return _sold_plan(invoice) if invoice.subscription_id else _sold_pack(invoice)


def _sold_plan(invoice: InvoiceFacts) -> Sold:
    subscription = Subscription.objects.select_related("user", "plan").get(subscription_id=invoice.subscription_id)
    dear = [line for line in invoice.lines if line.amount_cents >= 0] or list(invoice.lines)
    if not dear:
        raise NotOurs(f"Invoice {invoice.id} has no lines.")
    line = max(dear, key=lambda one: (not one.is_proration, one.amount_cents))
    known = Payment.objects.select_related("plan").filter(payment_id=invoice.id, plan__isnull=False).first()
    written = (known.plan, known.interval) if known and known.plan else (subscription.plan, subscription.interval)
    plan, interval = plans.plan_of_price(line.price_id, line.key) or written
    kind = Kind.UPGRADE if line.is_proration else Kind.PLAN
    wallet = ledger.wallet_of(subscription.user)
    return Sold(wallet, kind, line, subscription=subscription, plan=plan, interval=interval)


def _sold_pack(invoice: InvoiceFacts) -> Sold:
    reference = invoice.metadata.get("reference", "")
    for line in invoice.lines:
        pack = plans.pack_of_price(line.price_id, line.key) or pack_meant(reference)
        if pack is None:
            continue
        user = payer_of(invoice.customer_id, reference)
        if user is None:
            raise NotOurs(f"Invoice {invoice.id} is of customer {invoice.customer_id}, whom we don't know.")
        # A pack may be sold for the other product by now.
        known = Payment.objects.select_related("wallet").filter(payment_id=invoice.id).first()
        wallet = known.wallet if known else ledger.wallet_of(user, Product(pack.product))
        return Sold(wallet, Kind.PACK, line, pack=pack)
    raise NotOurs(f"Invoice {invoice.id} is for nothing that we sell.")


# --- What is written --------------------------------------------------------------------------------------------


def _set_facts(row: Payment, invoice: InvoiceFacts, sold: Sold, now: datetime) -> None:
    row.payment_intent_id = invoice.payment_intent_id
    row.subscription, row.plan, row.interval, row.pack = sold.subscription, sold.plan, sold.interval, sold.pack
    row.amount_cents, row.tax_cents, row.currency = invoice.paid_cents, invoice.tax_cents, invoice.currency
    row.paid_at = invoice.paid_at or invoice.created_at
    if sold.subscription is not None:
        row.covers_from, row.covers_until = sold.line.starts_at, sold.line.ends_at
        if row._state.adding:
            paid_months.set_terms(
                row, is_renewal=invoice.reason == "subscription_cycle", rest=_rest(invoice, sold.line.starts_at)
            )
    row.synced_at = now


def _rest(invoice: InvoiceFacts, begins: datetime | None) -> Rest | None:
    """Return the time that an invoice takes off for the plan before, paid or not.

    begins: when what it is for does. Time that was over by then was another period's: a renewal's invoice has the
    prorations of the period before on it.
    """
    for line in invoice.lines:
        found = plans.plan_of_price(line.price_id, line.key) if line.amount_cents < 0 and line.is_proration else None
        if found and line.starts_at and line.ends_at:
            span = line.ends_at - max(line.starts_at, begins or line.starts_at)
            if span > timedelta():
                return Rest(found[0], Interval(found[1]), span)
    return None


def _set_fate(row: Payment, charge: ChargeFacts | None, disputes: Sequence[DisputeFacts]) -> None:
    """Note what became of the money. The bank's mere questions take none of it."""
    if charge is None:
        return
    row.refunded_cents = charge.refunded_cents
    row.card_fingerprint = charge.card.fingerprint if charge.card else ""
    latest = max(disputes, key=lambda one: (one.created_at, one.id), default=None)
    if latest is None or latest.status in ("warning_needs_response", "warning_under_review"):
        return
    row.dispute = Dispute.WON if latest.is_won else Dispute.LOST if latest.is_lost else Dispute.OPEN
    row.dispute_reason, row.disputed_cents = latest.reason[:64], latest.amount_cents


def _grant_pack(row: Payment, invoice: InvoiceFacts, sold: Sold, now: datetime) -> str:
    """Grant a pack's credits, unless its payment brought them before or is not of its price. Returns a note."""
    pack = sold.pack
    assert pack is not None
    if row.credits:
        return ""
    # A price of ours that was replaced while somebody paid it stays good.
    is_of_today = sold.line.price_id == pack.price_id
    price_cents = pack.price_cents * sold.line.quantity if is_of_today else invoice.subtotal_cents
    problem = _mismatch(invoice, price_cents, pack.currency if is_of_today else invoice.currency)
    if problem:
        logger.warning("payment does not match", extra={"invoice": invoice.id, "pack": pack.pk, "problem": problem})
        words = [f"{row.payment_id}, {row.amount_cents} cents for {pack.name}: {problem}", "No credits were granted."]
        transaction.on_commit(partial(notices.warn_operators, "A payment does not match its price", words))
        return f"No credits for {pack.name}: {problem}"
    row.credits = pack.credits * sold.line.quantity
    ledger.grant(
        sold.wallet,
        row.credits,
        source=CreditLot.Source.PURCHASE,
        key=grant_key(row.payment_id),
        reason=BOUGHT % {"pack": pack.name},
        expires_at=now + timedelta(days=pack.lasts_days) if pack.lasts_days else None,
        reference=row.reference,
    )
    row.save(update_fields=["credits"])
    return ""


def _plan_note(row: Payment, invoice: InvoiceFacts, sold: Sold, *, is_new: bool) -> str:
    """Say where a plan's invoice is not of its price; one that is for less brings nothing. Returns a note."""
    if row.kind != Kind.PLAN or sold.plan is None or invoice.reason == "subscription_update":
        return ""
    if sold.line.price_id != sold.plan.price_id(sold.interval):
        return ""  # bought for an older price, and it stays so
    problem = _mismatch(invoice, sold.plan.cents(sold.interval), sold.plan.currency)
    if problem:
        logger.warning(
            "payment does not match", extra={"invoice": invoice.id, "plan": sold.plan.pk, "problem": problem}
        )
    if problem and is_new and _is_short(invoice, sold.plan.cents(sold.interval), sold.plan.currency):
        row.months, row.next_month_at = 0, None
        row.save(update_fields=["months", "next_month_at"])
        words = [f"{row.payment_id}, {row.amount_cents} cents for {sold.plan.name}: {problem}"]
        transaction.on_commit(partial(notices.warn_operators, "A payment does not match its price", words))
    return problem


def _is_short(invoice: InvoiceFacts, price_cents: int, currency: str) -> bool:
    """Whether less was paid than the price, or something that cannot be compared with it."""
    unpaid = invoice.paid_cents < min(invoice.due_cents, invoice.total_cents)
    return invoice.currency != currency or invoice.subtotal_cents < price_cents or unpaid


def _mismatch(invoice: InvoiceFacts, price_cents: int, currency: str) -> str:
    """Return how an invoice differs from a price beyond the discount, tax and credit that the shop states, if so."""
    if invoice.currency != currency:
        return f"paid in {invoice.currency}, the price is in {currency}."
    if invoice.subtotal_cents != price_cents:
        return f"the bill is for {invoice.subtotal_cents} cents, the price is {price_cents}."
    net = max(0, price_cents - invoice.discount_cents)
    if invoice.total_cents not in (net, net + invoice.tax_cents):
        return f"the total is {invoice.total_cents} cents, {net} and {invoice.tax_cents} tax were due."
    if invoice.paid_cents < min(invoice.due_cents, invoice.total_cents):
        return f"{invoice.paid_cents} of {invoice.due_cents} cents were paid."
    return ""


def _fate(row: Payment) -> _Fate:
    return _Fate(row.refunded_cents, row.dispute, row.lost_cents)


def _tell(row: Payment, *, is_new: bool, before: _Fate) -> None:
    """Tell the referrals and the top-ups, and queue the mails for what changed.

    Each change is written once, so each goes out once.
    """
    referral_rewards.payment_applied(row)
    if row.lost_cents > before.lost_cents:
        top_ups.stop(row.wallet)
    is_duplicate = row.subscription is not None and row.subscription.is_duplicate
    if is_new and row.amount_cents and not is_duplicate:
        notices.queue("receipt", row.pk)
    if row.refunded_cents > before.refunded_cents:
        notices.queue("refund", row.pk)
    if row.dispute == Dispute.OPEN and before.dispute != Dispute.OPEN:
        notices.queue("dispute", row.pk)
