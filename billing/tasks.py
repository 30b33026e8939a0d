"""What the queue runs for billing."""

from django.utils import timezone

from billing import grants, ledger, low_balance

# Seeded with those of the other apps: the function's path, and every how many minutes.
SCHEDULES = (("billing.tasks.sweep", 1), ("billing.tasks.tell_low_balances", 1))


def sweep() -> dict[str, int]:
    """Begin the billing cycles that are due and expire what is; idempotent, and safe beside another sweep."""
    now = timezone.now()
    return {"granted": grants.grant_due(now), "expired": ledger.expire(now)}


def tell_low_balances() -> int:
    """Write to those whose API credits run low."""
    return low_balance.tell(timezone.now())
