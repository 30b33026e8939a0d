"""Money and credits by day, for operators: what came in, what was given, spent and lost, what is still to be served.

Days are UTC's. Sums are the database's, from one state of it. What is outstanding at a day's end is counted back from
what is there now: balances, and what is set aside but not spent yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Case, F, Q, Sum, Value, When
from django.db.models.functions import Least, TruncDate
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from billing import plots
from billing.models import CreditHold, LedgerEntry, Payment, Wallet
from billing.money import amount
from billing.plots import Plot
from billing.snapshot import snapshot

Kind, Dispute = LedgerEntry.Kind, Payment.Dispute

SPANS = (30, 90, 365)
# What the columns of `DayFigures.cells` are called; in a file as they stand here.
HEADER = (
    _("day"),
    _("revenue"),
    _("lost"),
    _("kept"),
    _("granted"),
    _("spent"),
    _("expired"),
    _("taken back"),
    _("liability"),
)

# What of a payment is no longer here, as `Payment.lost_cents` says of one row.
_DISPUTED = Case(When(dispute__in=[Dispute.OPEN, Dispute.LOST], then=F("disputed_cents")), default=Value(0))
_LOST = Least(F("amount_cents"), F("refunded_cents") + _DISPUTED)


@dataclass(frozen=True)
class DayFigures:
    """A day. `lost_cents` is what of that day's payments was refunded or disputed until now."""

    on: date
    revenue_cents: int
    lost_cents: int
    granted: int
    spent: int
    expired: int
    taken_back: int
    outstanding: int

    @property
    def kept_cents(self) -> int:
        """What is left of the day's revenue."""
        return self.revenue_cents - self.lost_cents

    @property
    def cells(self) -> tuple[object, ...]:
        """The day as a line of a table, amounts with their cents."""
        money = (self.revenue_cents, self.lost_cents, self.kept_cents)
        moved = (self.granted, self.spent, self.expired, self.taken_back, self.outstanding)
        return (self.on.isoformat(), *(f"{cents / 100:.2f}" for cents in money), *moved)


@dataclass(frozen=True)
class Figures:
    """Days, the oldest first and today the last."""

    currency: str
    days: tuple[DayFigures, ...]

    @property
    def totals(self) -> list[tuple[str, str]]:
        """What the days make together, each with its name; outstanding as it is now."""

        def money(cents: int) -> str:
            return amount(cents, self.currency, exact=True)

        return [
            (gettext("Revenue"), money(sum(day.revenue_cents for day in self.days))),
            (gettext("Refunded or disputed"), money(sum(day.lost_cents for day in self.days))),
            (gettext("Credits granted"), f"{sum(day.granted for day in self.days):,}"),
            (gettext("Credits spent"), f"{sum(day.spent for day in self.days):,}"),
            (gettext("Credits expired"), f"{sum(day.expired for day in self.days):,}"),
            (gettext("Liability, in credits"), f"{self.days[-1].outstanding:,}"),
        ]

    @property
    def plots(self) -> list[Plot]:
        """A plot for each figure."""

        def money(cents: int) -> str:
            return amount(cents, self.currency)

        def credits(title: str, name: str, summary: str = "") -> Plot:
            figures = [(day.on, getattr(day, name)) for day in self.days]
            total = summary or f"{sum(figure for _on, figure in figures):,}"
            return plots.bars(figures, title=title, summary=total, in_words=lambda figure: f"{figure:,}")

        kept = [(day.on, day.kept_cents) for day in self.days]
        total = money(sum(cents for _on, cents in kept))
        left = gettext("%(credits)s now") % {"credits": f"{self.days[-1].outstanding:,}"}
        return [
            plots.bars(kept, title=gettext("Revenue, after refunds"), summary=total, in_words=money, in_short=money),
            credits(gettext("Liability: credits still to be served"), "outstanding", left),
            credits(gettext("Credits granted"), "granted"),
            credits(gettext("Credits spent"), "spent"),
            credits(gettext("Credits expired"), "expired"),
            credits(gettext("Credits taken back"), "taken_back"),
        ]


def currencies() -> list[str]:
    """Return the currencies in which anything was paid; dollars where nothing was yet."""
    return sorted(Payment.objects.order_by().values_list("currency", flat=True).distinct()) or ["usd"]


def figures_of(now: datetime, days: int, currency: str = "usd") -> Figures:
    """Return the last days, today among them."""
    return figures_in([currency], now, days)[0]


def figures_in(of: Sequence[str], now: datetime, days: int) -> tuple[Figures, ...]:
    """Return the last days in each of the currencies; they differ in their money alone."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, datetime.min.time(), tzinfo=UTC)
    with snapshot():
        money = {currency: _money(since, currency) for currency in of}
        moved, outstanding = _moved(since), _outstanding()
    dates = [today - timedelta(days=number) for number in range(days)]
    return tuple(Figures(currency, _days(dates, money[currency], moved, outstanding)) for currency in of)


def _days(
    dates: list[date], money: dict[date, tuple[int, int]], moved: dict[date, dict[str, int]], outstanding: int
) -> tuple[DayFigures, ...]:
    """Return the days, the oldest first, of dates in the other order."""
    found = []
    for on in dates:
        revenue, lost = money.get(on, (0, 0))
        granted, spent, expired, taken = (moved.get(on, {}).get(name, 0) for name in _NAMES)
        found.append(DayFigures(on, revenue, lost, granted, spent, expired, taken, outstanding))
        outstanding -= granted - spent - expired - taken
    return tuple(reversed(found))


# --- The database's sums ----------------------------------------------------------------------------------------

_SUMS = {
    "granted": Sum("delta", filter=Q(kind=Kind.GRANT) | Q(kind=Kind.ADJUST, delta__gt=0), default=0),
    "spent": Sum("credits", filter=Q(kind=Kind.SETTLE), default=0),
    "expired": Sum("credits", filter=Q(kind=Kind.EXPIRE), default=0),
    "taken": Sum(-F("delta"), filter=Q(kind=Kind.ADJUST, delta__lt=0), default=0),
}
_NAMES = tuple(_SUMS)


def _money(since: datetime, currency: str) -> dict[date, tuple[int, int]]:
    paid = Payment.objects.filter(paid_at__gte=since, currency=currency).annotate(day=TruncDate("paid_at", tzinfo=UTC))
    rows = paid.order_by().values_list("day").annotate(Sum("amount_cents"), lost=Sum(_LOST))
    return {day: (revenue, lost) for day, revenue, lost in rows}


def _moved(since: datetime) -> dict[date, dict[str, int]]:
    entries = LedgerEntry.objects.filter(created_at__gte=since).annotate(day=TruncDate("created_at", tzinfo=UTC))
    rows = entries.order_by().values_list("day").annotate(**_SUMS)
    return {day: dict(zip(_NAMES, sums, strict=True)) for day, *sums in rows}


def _outstanding() -> int:
    balances = Wallet.objects.aggregate(credits=Sum("balance", default=0))["credits"]
    is_open = CreditHold.objects.filter(credits__gt=F("settled") + F("released"))
    held = is_open.aggregate(credits=Sum(F("credits") - F("settled") - F("released"), default=0))["credits"]
    return int(balances + held)
