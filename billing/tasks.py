"""What the queue runs for billing. Each entry hands over at once; rules live in the modules it names."""

from django.utils import timezone

from billing import (
    clawback,
    cycle_sweep,
    grant_mail,
    ledger,
    ledger_audits,
    low_balance,
    low_credits,
    notices,
    reconciliation,
    referral_rewards,
    stripe_events,
    stripe_follow,
    subscriptions,
    top_ups,
)

# Seeded with those of the other apps: the function's path, and every how many minutes.
SCHEDULES = (
    ("billing.tasks.sweep", 1),
    ("billing.tasks.process_events", 1),
    ("billing.tasks.reconcile", 60),
    ("billing.tasks.send_notices", 1),
    ("billing.tasks.tell_low_balances", 1),
    ("billing.tasks.tell_grants", 1),
    ("billing.tasks.top_up", 1),
    ("billing.tasks.audit_ledger", 1),
)


def sweep() -> dict[str, int]:
    """End what was not paid for in time, begin the billing cycles that are due and hand out the paid months of them,
    expire what is due, take what is owed, reward invites.

    Idempotent, and safe beside another sweep.
    """
    now = timezone.now()
    return {
        "ended": subscriptions.end_graces(now),
        **cycle_sweep.run(now),
        "expired": ledger.expire(now),
        "collected": clawback.collect(now),
        "invites": referral_rewards.sweep(now),
    }


def process_events() -> dict[str, int]:
    """Process the shop's events that wait. Rung for by each that comes, and by the schedule for what was missed."""
    return stripe_events.process_due()


def reconcile() -> None:
    """Compare with the shop once a night."""
    reconciliation.run_if_due(timezone.now())


def send_notices() -> int:
    """Send the mails about money that are due. Rung for by each that is owed, and by the schedule for the rest."""
    return notices.send_due(timezone.now())


def send_notice(kind: str, pk: str) -> bool:
    """Send a mail that a process of the release before has queued: it stands in no table."""
    return notices.send(kind, pk)


def tell_low_balances() -> int:
    """Write to those whose credits run low, of the API and of the studio."""
    now = timezone.now()
    return low_balance.tell(now) + low_credits.tell(now)


def tell_grants() -> int:
    """Write to those who want to know that the month's credits have come."""
    return grant_mail.tell(timezone.now())


def top_up() -> int:
    """Charge the automatic top-ups of API credits that are due."""
    return top_ups.run_due(timezone.now())


def follow_payment(payment_intent_id: str) -> None:
    """Apply what became of a payment before it was known."""
    stripe_follow.follow_payment(payment_intent_id)


def audit_ledger() -> bool:
    """Go on with the audit of the books that an operator asked for."""
    return ledger_audits.run_due()
