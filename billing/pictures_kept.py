"""Until when all the pictures that somebody has stay at least, once a plan turns into one that keeps them for a time.

What a single picture's end is, `generation.retention` says; it is never earlier than this.
"""

from datetime import datetime, timedelta

from billing.models import Plan, Wallet


def after(wallet: Wallet, plan: Plan, following: Plan, ends_at: datetime) -> datetime | None:
    """Return the day if the plan turns into the following one then; None: they stay while that lasts."""
    if following.retention_days is None:
        return None
    days = timedelta(days=max(plan.kept_days_after, following.retention_days))
    return max(filter(None, (ends_at + days, wallet.pictures_kept_until)))


def now(wallet: Wallet, at: datetime) -> datetime | None:
    """Return the day for somebody who has left a better plan; None where there was none, or the day is past."""
    plan = wallet.plan
    if plan is None or plan.retention_days is None or wallet.plan_since is None:
        return None
    since = wallet.plan_since + timedelta(days=plan.retention_days)
    day = max(filter(None, (since, wallet.pictures_kept_until)))
    return day if day > at else None
