"""The figures that matter to operators, by day, as plots for the admin's first page; each for whom it is meant.

What belongs here: which figures, their words and who may see them. What does not: how they are worked out
(`generation.run_figures`, `billing.figures`, `worker_time`) and drawn (`billing.plots`). Days are UTC's.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import cast

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.ids import first_id
from accounts.models import User
from billing import figures, plots
from billing.plots import Plot, Series
from generation import doorbell
from generation.run_figures import RunDay, runs_by_day
from getimg_site import worker_time

SPANS = (7, 30, 90)
DEFAULT_SPAN = 30
_CACHE_SECONDS = 60
# So many error codes are told apart; the rest are one.
_CODE_TONES = ("danger", "warning", "accent", "success")


@dataclass(frozen=True)
class Facts:
    """What the database says of the days, the oldest first and today the last."""

    signups: tuple[int, ...]
    runs: tuple[RunDay, ...]
    # Of each currency; what is counted in credits is the same in all.
    money: tuple[figures.Figures, ...]
    # How long GPU workers were up, on all hosts together, and since which day that is counted.
    worker_seconds: dict[date, float]
    counted_since: date | None

    @property
    def dates(self) -> list[date]:
        """The days."""
        return [day.on for day in self.runs]


@dataclass(frozen=True)
class FailedCode:
    """An error code: how many runs failed with it, and the list of those that carry it."""

    code: str
    count: int
    url: str


@dataclass(frozen=True)
class HomeFigures:
    """What one operator sees."""

    days: int
    plots: tuple[Plot, ...]
    codes: tuple[FailedCode, ...]
    # Whether the workers' time is among the plots.
    has_workers: bool = False
    spans: tuple[int, ...] = SPANS


def figures_for(user: User, asked_days: str) -> HomeFigures:
    """Return the plots that this operator may see, of 7, 30 or 90 days; at most a minute old."""
    days = int(asked_days) if asked_days in {str(span) for span in SPANS} else DEFAULT_SPAN
    sees = {name: user.has_perm(name) for name in ("accounts.view_user", "billing.view_payment", "generation.view_job")}
    if not any(sees.values()):
        return HomeFigures(days, (), ())
    facts = cast(Facts, cache.get_or_set(f"operators-figures:2:{days}", lambda: look(days), _CACHE_SECONDS))
    drawn: list[Plot] = []
    if sees["accounts.view_user"]:
        drawn.append(_plain(_("Sign-ups"), facts.dates, facts.signups))
    if sees["billing.view_payment"]:
        drawn += [_revenue(money, len(facts.money) > 1) for money in facts.money]
        _money, _liability, granted, spent, *_others = facts.money[0].plots
        drawn += [granted, spent]
    if not sees["generation.view_job"]:
        return HomeFigures(days, tuple(drawn), ())
    return HomeFigures(days, (*drawn, *_plots_of_runs(facts)), _failed_codes(facts.runs), has_workers=True)


def look(days: int) -> Facts:
    """Ask the database."""
    now = timezone.now()
    money = figures.figures_in(figures.currencies(), now, days)
    runs = runs_by_day(now, days)
    up, since = worker_time.by_day(doorbell.CLUSTER, runs[0].on), worker_time.counted_since(doorbell.CLUSTER)
    return Facts(_signups(now, days), runs, money, up, since)


def _signups(now: datetime, days: int) -> tuple[int, ...]:
    first = now.astimezone(UTC).date() - timedelta(days=days - 1)
    since = datetime.combine(first, datetime.min.time(), tzinfo=UTC)
    # Ids are in the order of time, so the key's own index finds them.
    people = User.objects.filter(pk__gte=first_id(since), date_joined__gte=since).order_by()
    rows = people.annotate(day=TruncDate("date_joined", tzinfo=UTC)).values_list("day").annotate(count=Count("pk"))
    count = dict(rows)
    return tuple(count.get(first + timedelta(days=number), 0) for number in range(days))


def _revenue(money: figures.Figures, is_named: bool) -> Plot:
    plot = money.plots[0]
    return replace(plot, title=f"{plot.title} ({money.currency.upper()})") if is_named else plot


# --- The plots of runs ------------------------------------------------------------------------------------------


def _plots_of_runs(facts: Facts) -> list[Plot]:
    return [_ends(facts), _failures(facts), _share_failed(facts), _depth(facts), _waits(facts), _busy(facts)]


def _ends(facts: Facts) -> Plot:
    runs = facts.runs
    series = [
        Series(_("Finished"), [day.finished for day in runs]),
        Series(_("Failed"), [day.failed for day in runs], "danger"),
        Series(_("Canceled"), [day.canceled for day in runs], "grey"),
    ]
    count = sum(day.finished + day.failed + day.canceled for day in runs)
    return plots.stacks(facts.dates, series, title=_("Runs, by how they ended"), summary=_count(count), in_words=_count)


def _failures(facts: Facts) -> Plot:
    most = [code for code, _count_of in _codes(facts.runs).most_common(len(_CODE_TONES))]
    series = [
        Series(code or _("no code"), [day.codes.get(code, 0) for day in facts.runs], tone)
        for code, tone in zip(most, _CODE_TONES, strict=False)
    ]
    others = [sum(count for code, count in day.codes.items() if code not in most) for day in facts.runs]
    if any(others) or not series:
        series.append(Series(_("others"), others, "grey"))
    failed = sum(day.failed for day in facts.runs)
    return plots.stacks(facts.dates, series, title=_("Failed, by code"), summary=_count(failed), in_words=_count)


def _share_failed(facts: Facts) -> Plot:
    def share(days: Sequence[RunDay]) -> int:
        failed = sum(day.failed for day in days)
        return round(1000 * failed / max(1, failed + sum(day.finished for day in days)))

    shares = [(day.on, share([day])) for day in facts.runs]
    words = _tenths("%")
    title = _("Failed, of those that finished or failed")
    return plots.bars(shares, title=title, summary=words(share(facts.runs)), in_words=words, in_short=words)


def _depth(facts: Facts) -> Plot:
    deepest = [day.deepest_queue for day in facts.runs]
    summary = _("%(count)s at most") % {"count": _count(max(deepest))}
    return _plain(_("Queue: most runs waiting at a time"), facts.dates, deepest, summary)


def _waits(facts: Facts) -> Plot:
    words = _tenths(" s")
    median = [round(10 * day.median_wait) for day in facts.runs]
    late = [round(10 * day.late_wait) for day in facts.runs]
    beyond = [all_of_it - half for all_of_it, half in zip(late, median, strict=True)]
    series = [
        Series(_("Median"), median),
        Series(_("95 % waited at most"), beyond, "grey", [words(wait) for wait in late]),
    ]
    title, summary = _("Wait, until a run is begun"), _("today %(wait)s") % {"wait": words(median[-1])}
    return plots.stacks(facts.dates, series, title=title, summary=summary, in_words=words, in_short=words)


def _busy(facts: Facts) -> Plot:
    """Draw which share of the time that GPU workers were up, on all hosts, they drew.

    Never more than all of it: a pass that ends after midnight counts wholly on its day, and the supervisors write down
    the last minute after it.
    """
    busy = [day.busy_seconds for day in facts.runs]
    up = [facts.worker_seconds.get(day.on, 0.0) for day in facts.runs]
    shares = [_share_busy(used, there) for used, there in zip(busy, up, strict=True)]
    words = [_of_hours(share, there, facts, on) for share, there, on in zip(shares, up, facts.dates, strict=True)]
    counted = sum(used for used, there in zip(busy, up, strict=True) if there)
    return plots.bars(
        list(zip(facts.dates, shares, strict=True)),
        title=_("GPU use"),
        summary=_of_hours(_share_busy(counted, sum(up)), sum(up), facts, facts.dates[-1]),
        in_words=_tenths("%"),
        in_short=_tenths("%"),
        words=words,
    )


def _share_busy(busy_seconds: float, up_seconds: float) -> int:
    """Return tenths of a percent."""
    return min(1000, round(1000 * busy_seconds / up_seconds)) if up_seconds else 0


def _of_hours(share: int, up_seconds: float, facts: Facts, on: date) -> str:
    if up_seconds:
        hours = {"share": _tenths("%")(share), "hours": f"{up_seconds / 3600:,.1f}"}
        return _("%(share)s of %(hours)s hours") % hours
    is_counted = facts.counted_since is not None and on >= facts.counted_since
    return _("no worker was up") if is_counted else _("not counted yet")


def _failed_codes(runs: Sequence[RunDay]) -> tuple[FailedCode, ...]:
    page = reverse("admin:generation_job_changelist")
    return tuple(
        FailedCode(code, count, f"{page}?status__exact=FAILED&error_code={code}")
        for code, count in _codes(runs).most_common()
        if code
    )


def _codes(runs: Sequence[RunDay]) -> Counter[str]:
    found: Counter[str] = Counter()
    for day in runs:
        found.update(day.codes)
    return found


def _plain(title: str, dates: Sequence[date], counts: Sequence[int], summary: str = "") -> Plot:
    days = list(zip(dates, counts, strict=True))
    return plots.bars(days, title=title, summary=summary or _count(sum(counts)), in_words=_count)


def _count(figure: int) -> str:
    return f"{figure:,}"


def _tenths(unit: str) -> Callable[[int], str]:
    return lambda figure: f"{figure / 10:,.1f}".removesuffix(".0") + unit
