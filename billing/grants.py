"""The monthly credits: one lot for each wallet and cycle, whatever happens, as large as the wallet's plan says.

The first comes when the address is known to be the person's, for the cycle that then runs; a sweep gives all
others, from the date and the instant that the wallet carries. Both are set when a cycle begins, by the zone the
person lives in then, so a change of zone counts from the next cycle on and the dates only ever grow.

A better plan within a cycle adds what the cycle lacks of it (`top_up`): what counts is what the cycle has brought
already, so neither a repeat nor a plan left and taken again adds anything.
"""

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import User
from billing import brought as brought_by
from billing import cycles, ledger, ledger_batch
from billing.ledger_batch import Cycle, Terms
from billing.models import CreditLot, LedgerEntry, Plan, Subscription, Wallet

logger = logging.getLogger(__name__)

REASON = "Monthly credits"


def start_monthly_credits(user: User) -> LedgerEntry | None:
    """Give the credits of the cycle that runs now and let the sweep give the next; None where that was done before.

    Locks the wallet.
    """
    wallet = ledger.wallet_of(user)
    now = timezone.now()
    with transaction.atomic():
        wallet = Wallet.objects.select_for_update(no_key=True, of=("self",)).select_related("plan").get(pk=wallet.pk)
        if wallet.next_grant_at is not None:
            return None
        cycle_on = _running_cycle(wallet.cycle_day, user, now)
        terms = _terms_of(Cycle(wallet.cycle_day, user.time_zone, cycle_on))
        wallet.next_cycle_on, wallet.next_grant_at = terms.next_on, terms.next_at
        wallet.save(update_fields=["next_cycle_on", "next_grant_at"])
        if wallet.plan is None or not wallet.plan.monthly_credits:
            return None
        return ledger.grant(
            wallet,
            wallet.plan.monthly_credits,
            source=CreditLot.Source.MONTHLY,
            key=f"monthly:{wallet.pk.hex}:{cycle_on}",
            reason=REASON,
            expires_at=terms.next_at,
            cycle_on=cycle_on,
        )


def top_up(wallet: Wallet, now: datetime) -> LedgerEntry | None:
    """Add what the running cycle has brought less than the wallet's plan gives; None where nothing lacks.

    These credits live to the end of the next cycle, so that a plan bought on a cycle's last day is worth its price.
    `wallet` is locked by the caller, with its plan.
    """
    if wallet.plan is None or wallet.next_grant_at is None or wallet.next_grant_at <= now:
        return None  # the sweep begins a cycle of the whole plan in a moment
    if not wallet.plan.is_free and _is_unpaid(wallet, now):
        return None  # it comes with the payment
    cycle_on, level = _current_cycle(wallet), wallet.plan.monthly_credits
    lacking = _lacking(wallet, wallet.plan, cycle_on)
    if lacking <= 0:
        return None
    times = CreditLot.objects.filter(wallet=wallet, cycle_on=cycle_on, source=CreditLot.Source.UPGRADE).count()
    return ledger.grant(
        wallet,
        lacking,
        source=CreditLot.Source.UPGRADE,
        key=f"upgrade:{wallet.pk.hex}:{cycle_on}:{times + 1}",
        reason=f"Up to the {level:,} credits a month of {wallet.plan.name}",
        expires_at=_terms_of(Cycle(wallet.cycle_day, wallet.user.time_zone, wallet.next_cycle_on)).next_at,
        cycle_on=cycle_on,
    )


def would_bring(wallet: Wallet, plan: Plan) -> int:
    """Return how many credits would come at once if the wallet were put on this plan now."""
    return max(0, _lacking(wallet, plan, _current_cycle(wallet))) if wallet.next_grant_at else plan.monthly_credits


def grant_due(now: datetime, *, chunk: int = ledger_batch.CHUNK) -> int:
    """Begin every cycle that is due: what is left of the one before expires, then the new credits come.

    After downtime each missed cycle is begun once, in order. Returns how many lots were granted.
    """
    terms: dict[Cycle, Terms] = {}

    def remembered(cycle: Cycle) -> Terms:
        if cycle not in terms:
            terms[cycle] = _terms_of(cycle)
        return terms[cycle]

    return ledger_batch.grant_due(now, remembered, reason=REASON, chunk=chunk)


def _is_unpaid(wallet: Wallet, now: datetime) -> bool:
    """Return whether the plan's payment is failing, or the plan is in its last days; the sweep asks the same in SQL."""
    running = Subscription.objects.filter(user=wallet.user_id, ended_at__isnull=True, is_duplicate=False)
    is_over = Q(cancels_at_period_end=True, period_ends_at__lt=now + ledger_batch.LAST_DAYS)
    return running.filter(Q(status=Subscription.Status.PAST_DUE) | is_over).exists()


def _current_cycle(wallet: Wallet) -> date:
    return cycles.current_cycle(wallet.cycle_day, wallet.next_cycle_on - timedelta(days=1))


def _lacking(wallet: Wallet, plan: Plan, cycle_on: date) -> int:
    brought = CreditLot.objects.filter(wallet=wallet, cycle_on=cycle_on).aggregate(credits=Sum("credits"))
    return plan.monthly_credits - (brought["credits"] or 0) + brought_by.paid_back(wallet, cycle_on)


def _running_cycle(day: int, user: User, now: datetime) -> date:
    today = now.astimezone(user.zone).date()
    cycle_on = cycles.current_cycle(day, today)
    # Who moved west between sign-up and confirmation may live on the day before the first cycle's date.
    if cycle_on < user.date_joined.astimezone(user.zone).date() - timedelta(days=1):
        cycle_on = cycles.next_cycle(day, cycle_on)
    return cycle_on


def _terms_of(cycle: Cycle) -> Terms:
    next_on = cycles.next_cycle(cycle.day, cycle.on)
    return Terms(next_on, cycles.starts_at(next_on, _zone(cycle.time_zone)))


def _zone(name: str) -> ZoneInfo:
    """Return the zone. One that is no longer known must not stop everybody's grants: UTC, and a word in the log."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        logger.warning("time zone unknown, UTC is used", extra={"time_zone": name})
        return ZoneInfo("UTC")
