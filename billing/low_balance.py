"""The mail that says the API's credits run low: once each time the balance falls below what its owner set.

A sweep looks at the balances, so a request that spends pays nothing for it. Whoever has been told is told again only
after the balance was seen at the level or above.
"""

import logging
from datetime import datetime
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.template.loader import render_to_string

from accounts import letters, notifications
from accounts.models import ApiAccount, Channel, Happening
from billing.models import CreditLot, Product, Wallet

logger = logging.getLogger(__name__)

_TEMPLATE = "emails/low_balance"


def tell(now: datetime) -> int:
    """Send the mails that are due and return how many went out; idempotent, and safe beside another sweep.

    A wallet that never had credits is not low. A mail that cannot be sent now is tried again with the next sweep.
    """
    _accounts().filter(low_balance_told_at__isnull=False, balance__gte=F("low_balance_at")).update(
        low_balance_told_at=None
    )
    due = _accounts().filter(low_balance_told_at__isnull=True, balance__lt=F("low_balance_at"))
    return sum(_tell(account, now) for account in due.select_related("user"))


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
    context = {"account": account, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    subject = render_to_string(f"{_TEMPLATE}.subject.txt", context).strip()
    text = render_to_string(f"{_TEMPLATE}.txt", context)
    page = render_to_string(f"{_TEMPLATE}.html", context)
    try:
        send_mail(subject, text, None, [account.user.email], html_message=page)
    except (SMTPException, OSError) as error:
        if not letters.is_refused(error):
            ApiAccount.objects.filter(pk=account.pk).update(low_balance_told_at=None)
        logger.warning("low balance not told", extra={"user": account.pk, "error": type(error).__name__})
        return False
    return True
