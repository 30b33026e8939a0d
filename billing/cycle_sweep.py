"""The billing-cycle sweep: the one granter of monthly credits, for the free plan and for those paid by month and year.

Payments and the shop's news write state: which plan is in force, which months are paid. What of that has come due is
handed out here, each minute for everybody (`run`) and for one person right after news of theirs (`run_for`), so that
who has just paid does not wait. Both do the same under the wallet's lock, so it does not matter which comes first, how
often, or where one of them was killed.
"""

import logging
from datetime import datetime

from django.db import DatabaseError, transaction
from django.utils import timezone

from billing import clawback, grants, paid_months
from billing.errors import BillingError
from billing.models import Payment, Product, Wallet

logger = logging.getLogger(__name__)


def run(now: datetime) -> dict[str, int]:
    """Begin every cycle that is due and hand out the paid months that have begun; idempotent.

    Returns how many cycles brought credits (`granted`), and in how many wallets paid months came (`paid`).
    """
    granted = grants.grant_due(now)
    due = Payment.objects.filter(next_month_at__lte=now).values("wallet")
    paid = 0
    for wallet in Wallet.objects.filter(pk__in=due):
        try:
            paid += _hand_out(wallet, now) != 0
        except (BillingError, DatabaseError):
            # One whose months cannot be handed out must not keep the others waiting; the audit names it, too.
            logger.exception("paid months not handed out", extra={"wallet": wallet.pk})
    return {"granted": granted, "paid": paid}


def run_for(wallet: Wallet) -> int:
    """Hand out what one person has paid for and has not got. Returns how many credits came.

    Who pays need not have confirmed an address: the cycle begins then. Locks the wallet.
    """
    if wallet.product != Product.SITE:
        return 0
    came = _hand_out(wallet, timezone.now())
    wallet.refresh_from_db()
    return came


def _hand_out(wallet: Wallet, now: datetime) -> int:
    with transaction.atomic():
        locked = Wallet.objects.select_related("user").locked(wallet.pk)
        if locked.next_grant_at is None and locked.plan is not None and not locked.plan.is_free:
            grants.start_monthly_credits(locked.user)
            locked.refresh_from_db()
        came = paid_months.hand_out(locked)
        if came:
            clawback.settle(locked, now)
    return came
