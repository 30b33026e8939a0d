"""What credits were spent on: by day and by tool. Billing does not know what a tool is; it has the caller's word."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext, ngettext

from billing import cycles, plots
from billing.models import LedgerEntry, Wallet
from billing.plots import Plot

DAYS = 30


@dataclass(frozen=True)
class DaySpent:
    """A day where the person lives."""

    on: date
    credits: int


@dataclass(frozen=True)
class ToolSpent:
    """A tool, and what it took in all."""

    name: str
    credits: int


@dataclass(frozen=True)
class Usage:
    """The last days, the oldest first and today the last; each stands there, spent on or not."""

    days: tuple[DaySpent, ...]
    tools: tuple[ToolSpent, ...]

    @property
    def total(self) -> int:
        """All credits spent in these days."""
        return sum(day.credits for day in self.days)

    @property
    def plot(self) -> Plot:
        """A bar for each day."""
        return plots.bars(
            [(day.on, day.credits) for day in self.days],
            title=gettext("Credits spent by day"),
            summary=gettext("%(total)s in %(days)s days") % {"total": _credits(self.total), "days": len(self.days)},
            in_words=_credits,
        )


def usage_of(wallet: Wallet, now: datetime, *, days: int = DAYS) -> Usage:
    """Return what was spent: what was charged, on the day it was. What came back or was taken back is not."""
    zone = wallet.user.zone
    today = now.astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    spent = LedgerEntry.objects.filter(
        wallet=wallet, kind=LedgerEntry.Kind.SETTLE, created_at__gte=cycles.starts_at(first, zone)
    )
    by_day: Counter[date] = Counter()
    by_tool: Counter[str] = Counter()
    rows = spent.annotate(day=TruncDate("created_at", tzinfo=zone)).order_by().values_list("day", "hold__tool")
    for day, tool, credits in rows.annotate(total=Sum("credits")):
        by_day[day] += credits
        by_tool[_name(tool)] += credits
    return Usage(
        tuple(DaySpent(on, by_day[on]) for on in (first + timedelta(days=number) for number in range(days))),
        tuple(ToolSpent(name, credits) for name, credits in by_tool.most_common()),
    )


def _name(tool: str | None) -> str:
    """Return the caller's word as people read it: "text-to-image" is "Text to image"."""
    words = (tool or "").replace("-", " ").replace("_", " ").strip()
    return gettext(words[:1].upper() + words[1:]) if words else gettext("Other")


def _credits(number: int) -> str:
    return ngettext("%(count)s credit", "%(count)s credits", number) % {"count": f"{number:,}"}
