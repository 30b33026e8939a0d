"""Plans paid by the year before payments noted their months: what has not come yet comes with the cycles to come."""

from datetime import date, timedelta
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone

from billing import cycles

MONTHS = 12


def note_months(apps: StateApps, _: BaseDatabaseSchemaEditor) -> None:
    """Write on each running year's payment the months that are left; those before were granted by the cycles."""
    free = apps.get_model("billing", "Plan").objects.filter(slug="free").first()
    years = apps.get_model("billing", "Payment").objects.filter(
        kind="plan", interval="year", months=0, covers_until__gt=timezone.now(), plan__isnull=False,
        subscription__ended_at__isnull=True, wallet__next_grant_at__isnull=False,
    )  # fmt: skip
    for payment in years.select_related("plan", "wallet", "wallet__user"):
        running = cycles.current_cycle(payment.wallet.cycle_day, payment.wallet.next_cycle_on - timedelta(days=1))
        left = MONTHS - _months_between(payment.covers_from.date(), running) - 1
        payment.month_credits = max(0, payment.plan.monthly_credits - (free.monthly_credits if free else 0))
        if left <= 0 or payment.taken_back + payment.owed > left * payment.month_credits:
            continue
        _set(payment, left, running)


def _set(payment: Any, left: int, running: date) -> None:
    """Let the running month count as one that came, and `left` more follow."""
    payment.months, payment.taken_over = left + 1, payment.month_credits
    payment.first_cycle_on, payment.next_month_at = running, payment.wallet.next_grant_at
    payment.credits = payment.taken_back + payment.owed
    payment.save()


def _months_between(first: date, last: date) -> int:
    return 12 * (last.year - first.year) + last.month - first.month


class Migration(migrations.Migration):
    dependencies = [("billing", "0007_paid_months")]
    operations = [migrations.RunPython(note_months, migrations.RunPython.noop)]
