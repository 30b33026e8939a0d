"""A month of somebody's ledger as one sheet of paper: what stood before, every line, what stood after."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from billing import cycles
from billing.models import LedgerEntry, Wallet
from billing.statement import LedgerLine

# More is no sheet of paper; the file for spreadsheets has every line.
LINES_MAX = 2000
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_DAY = timedelta(days=1)

Kind = LedgerEntry.Kind

_SUMS = {
    "came": Sum("delta", filter=Q(kind=Kind.GRANT) | Q(kind=Kind.ADJUST, delta__gt=0), default=0),
    "spent": Sum("delta", filter=Q(kind__in=[Kind.HOLD, Kind.RELEASE]), default=0),
    "expired": Sum("delta", filter=Q(kind=Kind.EXPIRE), default=0),
    "taken_back": Sum("delta", filter=Q(kind=Kind.ADJUST, delta__lt=0), default=0),
}


@dataclass(frozen=True)
class MonthStatement:
    """A month where the person lives. What came, less the other three, leads from `opening` to `closing`.

    `spent` has in it what is set aside at the month's end. `earlier` and `later` name the months beside it, as an
    address does; empty where there is none.
    """

    first: date
    last: date
    opening: int
    closing: int
    came: int
    spent: int
    expired: int
    taken_back: int
    lines: tuple[LedgerLine, ...]
    is_cut: bool
    earlier: str
    later: str


def month_asked_for(wallet: Wallet, text: str, now: datetime) -> date | None:
    """Return the first day of the month that an address names, the running one where it names none.

    None for what is no month, or one that is before the wallet or still to come.
    """
    first, last = _month_of(wallet, wallet.created_at), _month_of(wallet, now)
    if not text:
        return last
    match = _MONTH.fullmatch(text)
    asked = date(int(match[1]), int(match[2]), 1) if match else None
    return asked if asked and first <= asked <= last else None


def statement_of_month(wallet: Wallet, first: date) -> MonthStatement:
    """Return a month's statement, its lines the oldest first."""
    zone, after = wallet.user.zone, cycles.months_after(1, first, 1)
    begins, ends = cycles.starts_at(first, zone), cycles.starts_at(after, zone)
    entries = LedgerEntry.objects.filter(wallet=wallet)
    opening = _total(entries.filter(created_at__lt=begins))
    within = entries.filter(created_at__gte=begins, created_at__lt=ends)
    sums = within.aggregate(**_SUMS)
    found = [LedgerLine.of(entry) for entry in within.order_by("id")[: LINES_MAX + 1]]
    born, today = _month_of(wallet, wallet.created_at), _month_of(wallet, timezone.now())
    return MonthStatement(
        first=first,
        last=after - _DAY,
        opening=opening,
        closing=opening + sum(sums.values()),
        came=sums["came"],
        spent=-sums["spent"],
        expired=-sums["expired"],
        taken_back=-sums["taken_back"],
        lines=tuple(found[:LINES_MAX]),
        is_cut=len(found) > LINES_MAX,
        earlier=f"{first - _DAY:%Y-%m}" if first > born else "",
        later=f"{after:%Y-%m}" if after <= today else "",
    )


def _month_of(wallet: Wallet, when: datetime) -> date:
    return when.astimezone(wallet.user.zone).date().replace(day=1)


def _total(entries: QuerySet[LedgerEntry]) -> int:
    return int(entries.aggregate(total=Sum("delta", default=0))["total"])
