"""The nightly comparison of our rows with the shop's: what was missed is healed and reported.

Events that never came are fetched and processed, every subscription and every checkout of late is applied once more.
Whatever that changed is a line of the report, and the operators get it by mail: each line is a letter that was lost.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from billing import stripe_events, stripe_follow, stripe_gateway, stripe_reads, subscriptions
from billing.errors import BillingError, NotOurs, UnknownInShop
from billing.models import Payment, Product, Reconciliation, StripeEvent, Subscription
from billing.notices import warn_operators
from billing.payers import payer_of

logger = logging.getLogger(__name__)

# At night, where few are at work; whoever was away then is compared at the next hour.
HOUR_UTC = 3
_A_NIGHT = timedelta(hours=20)
_TOO_LONG = timedelta(hours=30)
# The shop keeps its events for 30 days.
FIRST_SPAN = timedelta(days=29)
MARGIN = timedelta(days=1)


def run_if_due(now: datetime) -> Reconciliation | None:
    """Compare where it is night and was not done, or was not done for too long."""
    if not stripe_gateway.is_open():
        return None
    last = _last_good()
    waited = now - last.started_at if last else _TOO_LONG
    if waited < _A_NIGHT or (now.hour != HOUR_UTC and waited < _TOO_LONG):
        return None
    return run(now)


def run(now: datetime) -> Reconciliation:
    """Compare with the shop and heal what differs. What the shop stops is reported and done the next time."""
    last = _last_good()
    since = max(last.started_at - MARGIN, now - FIRST_SPAN) if last else now - FIRST_SPAN
    report = Reconciliation.objects.create(started_at=now, since=since)
    try:
        for step in (_events, _subscriptions, _checkouts):
            for line in step(report):
                logger.warning("healed", extra={"line": line})
                report.healed.append(line)
    except BillingError as error:
        logger.warning("reconciliation stopped", extra={"error": error})
        report.error = f"{type(error).__name__}: {error}"[:300]
    report.finished_at = timezone.now()
    report.save()
    _tell(report)
    return report


def _last_good() -> Reconciliation | None:
    good = Reconciliation.objects.filter(error="", finished_at__isnull=False)
    return good.order_by("-started_at").first()


def _events(report: Reconciliation) -> Iterator[str]:
    """Process the events that never came, oldest first, and those that were given up."""
    missed = []
    for envelope in stripe_reads.list_events_since(report.since):
        report.checked += 1
        if envelope.type in stripe_events.HANDLERS and not StripeEvent.objects.filter(pk=envelope.id).exists():
            missed.append(envelope)
    for envelope in reversed(missed):
        before = _state_of(envelope.customer_id)
        stripe_events.receive(envelope)
        event = stripe_events.process(envelope.id)
        after = _state_of(envelope.customer_id)
        if event.status == StripeEvent.Status.DONE and after != before:
            yield f"{envelope.type} {envelope.object_id} had not come: {_difference(before, after)}"
    for event in StripeEvent.objects.filter(status=StripeEvent.Status.FAILED, created_at__gte=report.since):
        if stripe_events.process(event.pk).status == StripeEvent.Status.DONE:
            yield f"{event.type} {event.object_id} had failed and went through now"


def _subscriptions(report: Reconciliation) -> Iterator[str]:
    """Apply every subscription that stands here otherwise, or whose latest invoice is not here; name
    those that the shop does not have.

    Those stay as they are: the key of another account would show none, and nobody shall lose a plan by that.
    """
    seen = set()
    for state in stripe_reads.list_subscriptions():
        report.checked += 1
        seen.add(state.id)
        is_paid_here = not state.is_running or Payment.objects.filter(payment_id=state.latest_invoice_id).exists()
        if is_paid_here and subscriptions.is_as_told(state, timezone.now()):
            continue
        before = _state_of(state.customer_id)
        follows = _follows(stripe_follow.follow_subscription, state.id)
        if follows and not is_paid_here and state.latest_invoice_id:
            _follows(stripe_follow.follow_invoice, state.latest_invoice_id)
        if follows and (after := _state_of(state.customer_id)) != before:
            yield f"subscription {state.id}: {_difference(before, after)}"
    for row in Subscription.objects.filter(ended_at__isnull=True).exclude(subscription_id__in=seen):
        yield f"subscription {row.subscription_id} ({row}) is not at the shop; nothing was changed"


def _checkouts(report: Reconciliation) -> Iterator[str]:
    """Apply the checkouts that were paid of late and whose payment is not here."""
    for checkout in stripe_reads.list_checkouts(report.since):
        report.checked += 1
        if not checkout.is_paid or Payment.objects.filter(payment_id=checkout.invoice_id).exists():
            continue
        before = _state_of(checkout.customer_id)
        if _follows(stripe_follow.apply_checkout, checkout) and (after := _state_of(checkout.customer_id)) != before:
            yield f"checkout {checkout.id}: {_difference(before, after)}"


def _follows(follow: Any, what: Any) -> bool:
    """Follow something; returns False where it is nobody's here."""
    try:
        follow(what)
    except (NotOurs, UnknownInShop) as error:
        logger.info("not reconciled", extra={"reason": error})
        return False
    return True


def _state_of(customer_id: str) -> dict[str, str]:
    """Return what stands here about a customer, by what it is about."""
    user = payer_of(customer_id)
    if user is None:
        return {}
    state = {}
    for row in Subscription.objects.filter(user=user).select_related("plan"):
        ends = " until the period ends" if row.cancels_at_period_end else ""
        state[row.subscription_id] = (
            f"{row}{ends}, {row.period_ends_at:%Y-%m-%d}, then {row.next_plan_id or 'the same'}"
        )
    for payment in Payment.objects.filter(wallet__user=user):
        lost = f", {payment.lost_cents} cents lost" if payment.lost_cents else ""
        state[payment.payment_id] = f"{payment}{lost}, {payment.credits} credits, {payment.taken_back} taken back"
    for wallet in user.wallets.filter(product=Product.SITE):
        state["plan"] = str(wallet.plan_id)
    return state


def _difference(before: dict[str, str], after: dict[str, str]) -> str:
    parts = [f"{key}: {before.get(key, 'nothing')} → {after[key]}" for key in after if before.get(key) != after[key]]
    return "; ".join(parts)[:400]


def _tell(report: Reconciliation) -> None:
    if not report.healed and not report.error:
        return
    problem = [f"It stopped: {report.error}"] if report.error else []
    subject = f"Payments: {len(report.healed)} healed{', and it stopped' if report.error else ''}"
    warn_operators(
        subject, [f"{report.checked} looked at since {report.since:%Y-%m-%d %H:%M} UTC.", *problem, *report.healed]
    )
