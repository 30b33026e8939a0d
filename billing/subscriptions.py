"""Subscriptions as the shop told them, and the plan that follows for a wallet.

A wallet's plan is always derived from all of its person's subscriptions, never from the one that just changed, so it
does not matter in which order they are told or how often; where none is in force, it is what the team gave, or free.
Nothing here asks the shop: what was fetched comes in.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from billing import clawback, cycle_sweep, ledger, notices, paid_months, plans
from billing.errors import NotOurs, Outdated
from billing.models import FREE, Payment, Plan, Product, Subscription, Wallet
from billing.payers import payer_of, plan_meant
from billing.payment_facts import SubscriptionState

logger = logging.getLogger(__name__)

Status = Subscription.Status


def running_of(user: User) -> Subscription | None:
    """Return the person's subscription that is not over; the one that is kept where there are two."""
    found = Subscription.objects.filter(user=user, is_duplicate=False, status__in=Subscription.RUNNING)
    return found.select_related("plan", "next_plan").order_by("started_at", "subscription_id").first()


def apply(state: SubscriptionState, *, asked_at: datetime | None = None) -> Subscription:
    """Write a subscription as it is at the shop and put its person's wallet on the plan that follows.

    asked_at: when the shop was asked for it. Locks the wallet.

    Raises: NotOurs for a person or a price that we don't know, Outdated where it was written meanwhile.
    """
    now = timezone.now()
    known = Subscription.objects.select_related("user").filter(subscription_id=state.id).first()
    user = known.user if known else payer_of(state.customer_id, state.metadata.get("reference", ""))
    if user is None:
        raise NotOurs(f"Subscription {state.id} is of customer {state.customer_id}, whom we don't know.")
    wallet = ledger.wallet_of(user)
    with transaction.atomic():
        Wallet.objects.locked(wallet.pk)
        known = Subscription.objects.select_related("plan").filter(subscription_id=state.id).first()
        if known and asked_at and known.synced_at > asked_at:
            raise Outdated(f"Subscription {state.id} was written at {known.synced_at}.")
        row = known or Subscription(subscription_id=state.id, user=user, started_at=state.created_at)
        before = row.status
        _set_plan(row, state)
        _set_state(row, state, now)
        row.save()
        others = Subscription.objects.filter(user=row.user, is_duplicate=False).exclude(pk=row.pk)
        if known is None:
            _mark_duplicates(row, others)
        elif row.is_running and before == Status.INCOMPLETE:
            _mark_duplicates(row, others.filter(status__in=Subscription.RUNNING))
        settle(wallet, now)
    cycle_sweep.run_for(wallet)
    return row


def give(wallet: Wallet, plan: Plan) -> None:
    """Give a site's wallet a plan that nobody pays for, or take it back by giving the free one. Locks the wallet."""
    with transaction.atomic():
        Wallet.objects.locked(wallet.pk)
        now = timezone.now()
        plans.put_on(wallet, plan, now=now)
        settle(wallet, now)


def settle(wallet: Wallet, now: datetime) -> bool:
    """Put a site's wallet on the plan that its person's subscriptions make, note when the months they paid for are to
    be handed out, then take back what was not paid for after all. Grants nothing: that is `cycle_sweep`'s.

    Returns whether the plan changed. The wallet is locked by the caller.
    """
    changes = False
    if wallet.product == Product.SITE:
        before, paid = wallet.plan_id, paid_plan(wallet.user, now)
        changes = plans.turn_to(wallet, paid or plans.unpaid_plan(wallet), now)
        if changes and paid is None and before != FREE:
            notices.queue("plan_ended", wallet.pk)
        paid_months.schedule(wallet)
    clawback.settle(wallet, now)
    return changes


def plan_due(wallet: Wallet, now: datetime) -> Plan:
    """Return the plan that a site's wallet should be on: what is paid for, else what was given, else the free one."""
    return paid_plan(wallet.user, now) or plans.unpaid_plan(wallet)


def paid_plan(user: User, now: datetime) -> Plan | None:
    """Return the best plan of a person's subscriptions that are in force; None where none is."""
    found = Subscription.objects.filter(user=user, status__in=Subscription.RUNNING, is_duplicate=False)
    due = [subscription.plan for subscription in found.select_related("plan") if is_in_force(subscription, now)]
    return max(due, key=lambda plan: (plan.monthly_credits, plan.position), default=None)


def is_in_force(subscription: Subscription, now: datetime) -> bool:
    """Return whether a subscription gives its plan: it runs, is paid or within its grace, and was not paid back."""
    if not subscription.is_running or is_paid_back(subscription, now):
        return False
    return subscription.status != Status.PAST_DUE or now < grace_ends_at(subscription)


def grace_ends_at(subscription: Subscription) -> datetime:
    """Return until when a plan stays in force while its payment fails."""
    since = subscription.past_due_since or subscription.period_starts_at
    return since + timedelta(days=settings.PAYMENT_GRACE_DAYS)


def is_paid_back(subscription: Subscription, now: datetime) -> bool:
    """Return whether a subscription that is cancelled was refunded in full, so that it ends at once."""
    if not subscription.cancels_at_period_end:
        return False
    # Of the running period: what was paid before it may be heard of first, and ends nothing.
    runs = {"covers_from__lte": now, "covers_until__gt": subscription.period_starts_at}
    paid = Payment.objects.filter(subscription=subscription, kind=Payment.Kind.PLAN, **runs)
    latest = paid.order_by("-covers_from").first()
    return latest is not None and 0 < latest.amount_cents <= latest.lost_cents


def is_as_told(state: SubscriptionState, now: datetime) -> bool:
    """Return whether a subscription stands here as at the shop, and its person's wallet on the plan that follows."""
    row = Subscription.objects.select_related("user", "next_plan").filter(subscription_id=state.id).first()
    if row is None or must_end(row, now):
        return False
    there = (state.status, state.price_id, state.period_starts_at, state.period_ends_at, state.ended_at)
    here = (row.status, row.price_id, row.period_starts_at, row.period_ends_at, row.ended_at)
    waits = (state.cancels_at_period_end, _next_of(state), state.pending_until)
    noted = (row.next_plan, row.next_interval)
    if (there, waits) != (here, (row.cancels_at_period_end, noted, row.pending_until)):
        return False
    wallet = ledger.wallet_of(row.user)
    return wallet.plan_id == plan_due(wallet, now).pk


def must_end(subscription: Subscription, now: datetime) -> bool:
    """Return whether the shop is to be told that a subscription is over."""
    is_open = subscription.status in Subscription.RUNNING
    return is_open and (subscription.is_duplicate or is_paid_back(subscription, now))


def end_graces(now: datetime) -> int:
    """Put those whose payment has been failing for too long on the free plan. Returns how many; idempotent."""
    late = Subscription.objects.filter(
        status=Status.PAST_DUE,
        is_duplicate=False,
        past_due_since__lte=Subscription.grace_over_since(now),
        user__wallets__product=Product.SITE,
    ).exclude(user__wallets__plan=FREE)
    ended = 0
    for subscription in late.select_related("user"):
        wallet = ledger.wallet_of(subscription.user)
        with transaction.atomic():
            Wallet.objects.locked(wallet.pk)
            ended += settle(wallet, now)
    return ended


# --- Parts of apply ---------------------------------------------------------------------------------------------


def _set_plan(row: Subscription, state: SubscriptionState) -> None:
    """Note what is paid for. A price that was replaced is known by the row it was bought for, or by its reference."""
    found = plans.plan_of_price(state.price_id, state.key)
    if found is None and row.price_id != state.price_id:
        found = plan_meant(state.metadata.get("reference", "")) if row._state.adding else None
        logger.warning("price unknown", extra={"subscription": state.id, "price": state.price_id})
        if found is None and row._state.adding:
            raise NotOurs(f"Subscription {state.id} has the price {state.price_id}, which is not one of ours.")
    if found is not None:
        row.plan, row.interval = found
    row.price_id = state.price_id
    row.next_plan, row.next_interval = _next_of(state)


def _next_of(state: SubscriptionState) -> tuple[Plan | None, str]:
    """Return the plan and interval that wait for the period's end."""
    later = plans.plan_of_price(state.next_price_id, state.next_key) if state.next_price_id else None
    return later or (None, "")


def _set_state(row: Subscription, state: SubscriptionState, now: datetime) -> None:
    was_late = row.past_due_since is not None
    row.status = Status(state.status)
    row.period_starts_at, row.period_ends_at = state.period_starts_at, state.period_ends_at
    row.cancels_at_period_end = state.cancels_at_period_end
    row.ended_at = state.ended_at
    # A renewal fails when its period begins, whenever we hear of it.
    row.past_due_since = state.period_starts_at if row.status == Status.PAST_DUE else None
    row.pending_until = state.pending_until
    row.card = state.card.text if state.card else ""
    row.card_fingerprint = state.card.fingerprint if state.card else ""
    row.synced_at = now
    if row.past_due_since and not was_late and not row.is_duplicate:
        notices.queue("payment_failed", row.pk)


def _mark_duplicates(row: Subscription, others: QuerySet[Subscription]) -> None:
    """Let the older of two that ran at the same time count, and mark the other: it is paid back.

    Decided when the second one is first heard of, in whichever order that is, and when one is paid after the bank's
    question: then beside those alone that run as well. Never again: who lost a plan and bought another one keeps the
    new one.
    """
    for other in others:
        older, younger = sorted((row, other), key=lambda one: (one.started_at, one.subscription_id))
        if _was_paid(younger) and _ran_together(older, younger) and not row.is_duplicate:
            younger.is_duplicate = True
            younger.save(update_fields=["is_duplicate"])
            logger.warning("subscription twice", extra={"user": row.user_id, "kept": older.subscription_id})


def _was_paid(subscription: Subscription) -> bool:
    return subscription.status not in (Status.INCOMPLETE, Status.INCOMPLETE_EXPIRED)


def _ran_together(older: Subscription, younger: Subscription) -> bool:
    """Return whether there was a moment at which both ran. What was given up, but not ended, runs no more."""
    if younger.ended_at is not None and younger.ended_at <= older.started_at:
        return False
    if older.ended_at is not None:
        return older.status == Status.CANCELED and older.ended_at > younger.started_at
    return older.is_running
