"""The mail that says the API's credits run low: once each time the balance falls below what its owner set.

A sweep looks at the balances, so a request that spends pays nothing for it. Whoever has been told is told again only
after the balance was seen at the level or above.
"""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from accounts import letters, notifications
from accounts.models import ApiAccount, Channel, Happening
from billing.models import CreditLot, Product, Wallet


def tell(now: datetime) -> int:
    """Send the mails that are due and return how many went out; idempotent, and safe beside another sweep.

    A wallet that never had credits is not low. A mail that cannot be sent now is tried again with the next sweep.
    """
    _accounts().filter(low_balance_told_at__isnull=False, balance__gte=F("low_balance_at")).update(
        low_balance_told_at=None
    )
    due = _accounts().filter(low_balance_told_at__isnull=True, balance__lt=F("low_balance_at"))
    return letters.send_each(due.select_related("user"), lambda account: _tell(account, now))


def _accounts() -> QuerySet[Any]:
    """Return accounts that have, or had, API credits and want to be told, with their `balance`."""
    wallet = Wallet.objects.filter(user=OuterRef("user"), product=Product.API)
    lots = CreditLot.objects.filter(wallet__user=OuterRef("user"), wallet__product=Product.API)
    unwilling = notifications.unwilling(Happening.LOW_CREDITS, Channel.EMAIL).values("user")
    accounts = ApiAccount.objects.filter(Exists(lots), user__is_active=True).exclude(user__in=unwilling)
    return accounts.annotate(balance=Subquery(wallet.values("balance")))


def _tell(account: ApiAccount, now: datetime) -> bool:
    """Claim the mail, so that of two sweeps one sends it, and send it; outside any transaction."""
    mine = ApiAccount.objects.filter(pk=account.pk, low_balance_told_at__isnull=True)
    if not mine.update(low_balance_told_at=now):
        return False
    return letters.send(
        account.user.email,
        "emails/low_balance",
        give_back=lambda: ApiAccount.objects.filter(pk=account.pk).update(low_balance_told_at=None),
        account=account,
    )
