"""What a person reads about their credits: the balance and its lots, the next grant, the ledger's lines.

What is to come stands in `forecast.py`, what was spent on what in `usage.py`.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.db.models import F, QuerySet, Sum
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.models import User
from billing import cycles, forecast, ledger
from billing.models import CreditHold, CreditLot, LedgerEntry, Payment, Product, ReferralReward, Wallet

PAGE_LINES = 50


@dataclass(frozen=True)
class LotLine:
    """Credits that expire together."""

    name: str
    credits: int
    remaining: int
    came_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class NextGrant:
    """The next credits; `on` is the date where the person lives, `plan` what brings them.

    `is_paid`: some of them wait for a payment that is still to come. `later`: where the free ones alone come next to
    somebody who pays, the first that come with the plan's.
    """

    credits: int
    on: date
    plan: str = ""
    is_paid: bool = False
    later: "NextGrant | None" = None


@dataclass(frozen=True)
class LedgerLine:
    """One line of the ledger. `delta` is how the balance moved: 0 for "Spent", which left it when it was set aside."""

    id: int
    at: datetime
    kind: str
    name: str
    reason: str
    credits: int
    delta: int
    balance_after: int
    reference: str
    url: str

    @classmethod
    def of(cls, entry: LedgerEntry) -> Self:
        """Return the line as the page shows it."""
        return cls(
            id=entry.pk,
            at=entry.created_at.replace(microsecond=0),
            kind=entry.kind,
            name=entry.get_kind_display(),
            reason=entry.reason,
            credits=entry.credits,
            delta=entry.delta,
            balance_after=entry.balance_after,
            reference=entry.reference,
            url=url_of(entry.reference),
        )


@dataclass(frozen=True)
class LinePage:
    """Lines, newest first; `next_after` asks for those before them (None: there are none)."""

    lines: tuple[LedgerLine, ...]
    next_after: int | None


@dataclass(frozen=True)
class Statement:
    """A wallet at this moment.

    `owed` was refunded and could not be taken back: it was spent. `owed_rewards` likewise, of invites.
    """

    balance: int
    on_hold: int
    lots: tuple[LotLine, ...]
    next_grant: NextGrant | None
    owed: int = 0
    owed_rewards: int = 0


def balance_of(user: User, product: Product = Product.SITE) -> int:
    """Return the balance of a person's wallet; 0 where there is none yet."""
    return Wallet.objects.filter(user=user, product=product).values_list("balance", flat=True).first() or 0


def wallet_asked_for(user: User, product: str) -> Wallet | None:
    """Return the wallet that an address names: the site's, made on first use, or another that is there."""
    if product in ("", Product.SITE):
        return ledger.wallet_of(user)
    if product not in Product.values:
        return None
    return Wallet.objects.select_related("user", "plan").filter(user=user, product=product).first()


def statement_of(wallet: Wallet) -> Statement:
    """Return balance, lots in the order in which they will be spent, and the next grant."""
    now = timezone.now()
    lots = CreditLot.objects.filter(ledger.unexpired(now), wallet=wallet, remaining__gt=0)
    lines = tuple(
        LotLine(lot.get_source_display(), lot.credits, lot.remaining, lot.created_at, lot.expires_at)
        for lot in lots.order_by(*ledger.SPENDING_ORDER)
    )
    open_holds = CreditHold.objects.filter(wallet=wallet, credits__gt=F("settled") + F("released"))
    on_hold = open_holds.aggregate(credits=Sum(F("credits") - F("settled") - F("released")))["credits"]
    owed = _sum_owed(Payment.objects.filter(wallet=wallet))
    owed_rewards = _sum_owed(ReferralReward.objects.filter(wallet=wallet))
    balance = sum(line.remaining for line in lines)
    return Statement(balance, on_hold or 0, lines, next_grant_of(wallet), owed, owed_rewards)


def next_grant_of(wallet: Wallet, outlook: forecast.Outlook | None = None) -> NextGrant | None:
    """Return the next credits that come by themselves; None for a wallet that gets none (yet).

    `outlook`: where it is known already.
    """
    outlook = outlook or forecast.outlook_of(wallet)
    until = cycles.months_after(wallet.cycle_day, wallet.next_cycle_on, 2)
    found = [
        NextGrant(fact.credits, fact.on, fact.plan, fact.is_paid) for fact in forecast.grants_of(wallet, outlook, until)
    ]
    if not found:
        return None
    is_bare = outlook.subscription is not None and found[0].plan == forecast.FREE_NAME
    later = next((grant for grant in found if grant.plan != forecast.FREE_NAME), None) if is_bare else None
    return replace(found[0], later=later)


def ledger_lines(wallet: Wallet, *, after: int | None = None, limit: int = PAGE_LINES) -> LinePage:
    """Return the lines that come after line `after` of the list, which is the newest first."""
    entries = LedgerEntry.objects.filter(wallet=wallet).order_by("-id")
    if after is not None:
        entries = entries.filter(id__lt=after)
    found = [LedgerLine.of(entry) for entry in entries[: limit + 1]]
    lines = tuple(found[:limit])
    return LinePage(lines, lines[-1].id if len(found) > limit else None)


def url_of(reference: str) -> str:
    """Return the address of what a line is for ("job:<id>"); empty where it has none."""
    kind, _, key = reference.partition(":")
    name = settings.REFERENCE_URL_NAMES.get(kind)
    if not name:
        return ""
    try:
        return reverse(name, args=[key])
    except NoReverseMatch:
        return ""


def _sum_owed(rows: QuerySet[Any]) -> int:
    return int(rows.filter(owed__gt=0).aggregate(credits=Sum("owed", default=0))["credits"])
