"""The monthly credits that nobody pays for: one lot for each wallet and cycle, whatever happens: the free plan's, or
those of a plan that the team gave. The months that somebody paid for come beside them, by the same sweep
(`cycle_sweep`, `paid_months`).

The first comes when the address is known to be the person's, for the cycle that then runs; a sweep gives all
others, from the date and the instant that the wallet carries. Both are set when a cycle begins, by the zone the
person lives in then, so a change of zone counts from the next cycle on and the dates only ever grow.

A better plan that is given within a cycle adds what the cycle lacks of it (`top_up`): what counts is what the cycle has
brought already, so neither a repeat nor a plan left and taken again adds anything.
"""

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_noop

from accounts import erased_mailboxes
from accounts.models import User
from billing import brought, cycles, ledger, ledger_batch
from billing.ledger_batch import Cycle, Terms
from billing.models import CreditLot, LedgerEntry, Subscription, Wallet

logger = logging.getLogger(__name__)

# What the ledger keeps, as it is kept; `getimg_site.kept_words` reads it in other languages.
REASON = gettext_noop("Monthly credits")
FOR_DAYS = gettext_noop("Monthly credits for %(days)s")
UP_TO = gettext_noop("Up to the %(credits)s credits a month of %(plan)s")


def start_monthly_credits(user: User) -> LedgerEntry | None:
    """Give the credits of the cycle that runs now and let the sweep give the next; None where that was done before.

    Who erased an account within the month and opened another with the mailbox begins with the next. Locks the wallet.
    """
    wallet = ledger.wallet_of(user)
    now = timezone.now()
    with transaction.atomic():
        wallet = Wallet.objects.locked(wallet.pk)
        if wallet.next_grant_at is not None:
            return None
        cycle_on = _running_cycle(wallet.cycle_day, user, now)
        terms = _terms_of(Cycle(wallet.cycle_day, user.time_zone, cycle_on))
        wallet.next_cycle_on, wallet.next_grant_at = terms.next_on, terms.next_at
        wallet.save(update_fields=["next_cycle_on", "next_grant_at"])
        level = _unpaid_level(wallet, now)
        if not level or _had_them_before(wallet, cycle_on, now):
            return None
        return _begin(wallet, cycle_on, level)


def top_up(wallet: Wallet, now: datetime) -> LedgerEntry | None:
    """Add what the running cycle has brought less than a given plan gives; None where nothing lacks.

    These credits live to the end of the next cycle, so that a plan of a cycle's last day is worth something.
    `wallet` is locked by the caller, with its plan.
    """
    if wallet.plan is None or wallet.next_grant_at is None or wallet.next_grant_at <= now:
        return None  # the sweep begins a cycle of the whole plan in a moment
    cycle_on, level = cycle_of(wallet), _unpaid_level(wallet, now)
    lacking = level - _brought(wallet, cycle_on)
    if lacking <= 0 or _had_them_before(wallet, cycle_on, now):
        return None
    if brought.free_level() and not _has_begun(wallet, cycle_on):
        return _begin(wallet, cycle_on, lacking)  # the free plan's were withheld
    times = CreditLot.objects.filter(wallet=wallet, cycle_on=cycle_on, source=CreditLot.Source.UPGRADE).count()
    return ledger.grant(
        wallet,
        lacking,
        source=CreditLot.Source.UPGRADE,
        key=f"upgrade:{wallet.pk.hex}:{cycle_on}:{times + 1}",
        reason=UP_TO % {"credits": f"{level:,}", "plan": wallet.plan.name},
        expires_at=end_of_next_cycle(wallet),
        cycle_on=cycle_on,
    )


def cycle_of(wallet: Wallet) -> date:
    """Return the date on which the wallet's running cycle began."""
    return cycles.current_cycle(wallet.cycle_day, wallet.next_cycle_on - timedelta(days=1))


def next_cycle_at(wallet: Wallet) -> datetime:
    """Return when the wallet's running cycle ends."""
    return wallet.next_grant_at or cycles.starts_at(wallet.next_cycle_on, _zone(wallet.user.time_zone))


def end_of_next_cycle(wallet: Wallet) -> datetime:
    """Return when the cycle after the running one ends."""
    return _terms_of(Cycle(wallet.cycle_day, wallet.user.time_zone, wallet.next_cycle_on)).next_at


def days_text(first: date, until: date) -> str:
    """Return the days before a date in words: "15 March – 14 April"."""
    return f"{date_format(first, 'j F')} – {date_format(until - timedelta(days=1), 'j F')}"


def is_given(wallet: Wallet, now: datetime) -> bool:
    """Return whether nobody pays for the wallet's plan, or no more in time; the sweep asks the same in SQL."""
    paid = Subscription.objects.filter(user=wallet.user_id, ended_at__isnull=True, is_duplicate=False)
    over = Q(status=Subscription.Status.PAST_DUE, past_due_since__lte=Subscription.grace_over_since(now))
    return not paid.filter(status__in=Subscription.RUNNING).exclude(over).exists()


def grant_due(now: datetime, *, chunk: int = ledger_batch.CHUNK) -> int:
    """Begin every cycle that is due: what is left of the one before expires, then the new credits come.

    After downtime each missed cycle is begun once, in order. Returns how many lots were granted.
    """
    terms: dict[Cycle, Terms] = {}

    def remembered(cycle: Cycle) -> Terms:
        if cycle not in terms:
            terms[cycle] = _terms_of(cycle)
        return terms[cycle]

    return ledger_batch.grant_due(now, remembered, chunk=chunk)


def _unpaid_level(wallet: Wallet, now: datetime) -> int:
    """Return how many credits a cycle brings by itself: the plan's where it was given, else the free plan's."""
    if wallet.plan is None:
        return 0
    return wallet.plan.monthly_credits if wallet.plan.is_free or is_given(wallet, now) else brought.free_level()


def _begin(wallet: Wallet, cycle_on: date, credits: int) -> LedgerEntry:
    """Give the running cycle its monthly lot; the wallet carries when the next begins."""
    assert wallet.next_grant_at is not None
    return ledger.grant(
        wallet,
        credits,
        source=CreditLot.Source.MONTHLY,
        key=f"monthly:{wallet.pk.hex}:{cycle_on}",
        reason=FOR_DAYS % {"days": days_text(cycle_on, wallet.next_cycle_on)},
        expires_at=wallet.next_grant_at,
        cycle_on=cycle_on,
    )


def _has_begun(wallet: Wallet, cycle_on: date) -> bool:
    """Return whether a cycle has its monthly lot."""
    monthly = CreditLot.objects.filter(wallet=wallet, cycle_on=cycle_on, source=CreditLot.Source.MONTHLY)
    return monthly.exists()


def _had_them_before(wallet: Wallet, cycle_on: date, now: datetime) -> bool:
    """Return whether an account of the same mailbox, erased of late, may have had this month's free credits."""
    month = timedelta(days=(cycles.next_cycle(wallet.cycle_day, cycle_on) - cycle_on).days)
    is_free = wallet.plan is not None and wallet.plan.is_free
    return is_free and erased_mailboxes.is_known(wallet.user.mailbox, since=now - month)


def _brought(wallet: Wallet, cycle_on: date) -> int:
    """Return what a cycle has brought that nobody paid for."""
    lots = CreditLot.objects.filter(wallet=wallet, cycle_on=cycle_on).exclude(source=CreditLot.Source.PLAN)
    return lots.aggregate(credits=Sum("credits"))["credits"] or 0


def _running_cycle(day: int, user: User, now: datetime) -> date:
    today = now.astimezone(user.zone).date()
    cycle_on = cycles.current_cycle(day, today)
    # Who moved west between sign-up and confirmation may live on the day before the first cycle's date.
    if cycle_on < user.date_joined.astimezone(user.zone).date() - timedelta(days=1):
        cycle_on = cycles.next_cycle(day, cycle_on)
    return cycle_on


def _terms_of(cycle: Cycle) -> Terms:
    next_on = cycles.next_cycle(cycle.day, cycle.on)
    reason = FOR_DAYS % {"days": days_text(cycle.on, next_on)}
    return Terms(next_on, cycles.starts_at(next_on, _zone(cycle.time_zone)), reason)


def _zone(name: str) -> ZoneInfo:
    """Return the zone. One that is no longer known must not stop everybody's grants: UTC, and a word in the log."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        logger.warning("time zone unknown, UTC is used", extra={"time_zone": name})
        return ZoneInfo("UTC")
