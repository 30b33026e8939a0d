"""Credits of the studio that run low: below a tenth of what the plan brings each month. The API's: `low_balance.py`.

A sweep looks at the wallets in which something moved lately, so a run that spends pays nothing for it. Each crossing is
told once, by mail and by pages that are open (`news.py`): whoever was told is told again only after the balance was
enough.
"""

from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from accounts import letters, notifications
from accounts.models import Channel, Happening
from billing.models import LedgerEntry, LowCredits, Product, Wallet

_SHARE = 10
# Longer than the sweep's own pace, for one that was late.
_LATELY = timedelta(hours=1)


def tell(now: datetime) -> int:
    """See who is low now and send the mails that are due; returns how many went out. Safe beside another sweep."""
    LowCredits.objects.exclude(wallet__plan__monthly_credits__gt=F("wallet__balance") * _SHARE).delete()
    moved = LedgerEntry.objects.filter(created_at__gt=now - _LATELY).values("wallet")
    found = _low().filter(pk__in=moved, low__isnull=True)
    LowCredits.objects.bulk_create([LowCredits(wallet=wallet, seen_at=now) for wallet in found], ignore_conflicts=True)
    unwilling = notifications.unwilling(Happening.LOW_CREDITS, Channel.EMAIL).values("user")
    untold = LowCredits.objects.filter(mailed_at__isnull=True)
    untold.filter(wallet__user__in=unwilling).update(mailed_at=now)
    return letters.send_each(untold.select_related("wallet__user"), lambda one: _tell(one, now))


def _low() -> QuerySet[Wallet]:
    wallets = Wallet.objects.filter(product=Product.SITE, user__is_active=True)
    return wallets.filter(plan__monthly_credits__gt=F("balance") * _SHARE)


def _tell(one: LowCredits, now: datetime) -> bool:
    """Claim the mail, so that of two sweeps one sends it, and send it; one that may go out later is tried again."""
    mine = LowCredits.objects.filter(pk=one.pk, mailed_at__isnull=True)
    if not mine.update(mailed_at=now):
        return False
    wallet = one.wallet
    return letters.send(
        wallet.user.email,
        "billing/email/low_credits",
        give_back=lambda: LowCredits.objects.filter(pk=one.pk).update(mailed_at=None),
        user=wallet.user,
        credits=wallet.balance,
    )
