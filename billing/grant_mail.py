"""The mail that says that the month's credits have come, to those who want it."""

from datetime import datetime
from functools import partial

from django.db.models import Sum

from accounts import letters, notifications
from accounts.models import Channel, Happening, NotificationChoice
from billing import grants, ledger
from billing.models import CreditLot

_MONTHS = (CreditLot.Source.MONTHLY, CreditLot.Source.PLAN)


def tell(now: datetime) -> int:
    """Send the mails that are due and return how many went out; safe beside another sweep.

    What does not go out because the mail server is away comes with the next sweep.
    """
    choosers = notifications.choosers(Happening.NEXT_GRANT, Channel.EMAIL)
    return letters.send_each(choosers, lambda choice: _tell(choice, now))


def _tell(choice: NotificationChoice, now: datetime) -> bool:
    user = choice.user
    wallet = ledger.wallet_of(user)
    came = CreditLot.objects.filter(
        wallet=wallet, source__in=_MONTHS, created_at__gt=choice.told_until, created_at__lte=now
    )
    credits = came.aggregate(credits=Sum("credits"))["credits"] or 0
    if not credits or not notifications.claim(choice, now):
        return False
    facts = {"user": user, "credits": credits, "balance": ledger.available(wallet, now)}
    facts |= {"next_on": grants.next_cycle_at(wallet).astimezone(user.zone).date()}
    give_back = partial(notifications.give_back, choice, now)
    return letters.send(user.email, "billing/email/credits_came", give_back=give_back, **facts)
