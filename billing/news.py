"""What pages that are open tell of credits, to those who want it: that they run low, that the month's have come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext, ngettext

from accounts import notifications
from accounts.models import Channel, Happening, User
from billing import ledger
from billing.models import CreditLot, LowCredits, Wallet

_MONTHS = (CreditLot.Source.MONTHLY, CreditLot.Source.PLAN)
_WAYS = (Channel.BROWSER, Channel.SOUND)
_HAPPENINGS = (Happening.LOW_CREDITS, Happening.NEXT_GRANT)
# What is older is no news.
_NEW = timedelta(days=1)


@dataclass(frozen=True)
class News:
    """Something to tell once, in the ways that the person chose; `name` is that of one crossing, or of one month."""

    name: str
    title: str
    ways: list[str]


def wanted(user: User) -> list[str]:
    """Return the ways in which an open page is to tell a person of credits; empty: in none."""
    chosen = notifications.chosen(user)
    return [str(way) for way in _WAYS if any((happening, way) in chosen for happening in _HAPPENINGS)]


def of(user: User, now: datetime) -> list[News]:
    """Return what there is to tell a person now."""
    chosen = notifications.chosen(user)
    wallet = ledger.wallet_of(user)
    found = []
    for happening, name, title in (*_low(wallet, now), *_came(wallet, now)):
        ways = [str(way) for way in _WAYS if (happening, way) in chosen]
        found += [News(f"{happening}:{name}", title, ways)] if ways else []
    return found


def _low(wallet: Wallet, now: datetime) -> Iterator[tuple[Happening, str, str]]:
    low = LowCredits.objects.filter(wallet=wallet, seen_at__gt=now - _NEW).first()
    if low:
        words = ngettext("%(count)s credit is left", "%(count)s credits are left", wallet.balance)
        yield Happening.LOW_CREDITS, str(low.pk), words % {"count": f"{wallet.balance:,}"}


def _came(wallet: Wallet, now: datetime) -> Iterator[tuple[Happening, str, str]]:
    lots = CreditLot.objects.filter(wallet=wallet, source__in=_MONTHS, created_at__gt=now - _NEW)
    if lot := lots.order_by("-created_at").first():
        yield Happening.NEXT_GRANT, str(lot.pk), gettext("The month’s credits have come")
