"""What goes on right now, for the admin's first page: each queue with what waits, runs and works; what is kept safe.

What belongs here: which figures, their words and who may see them. What does not: how runs are counted
(`queue_health`), and what wants something done about it (`attention`).
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Min, Q
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ
from redis import RedisError

from accounts.models import User
from billing.models import LedgerAudit
from generation import doorbell, queue_health
from generation.queue_health import QueueHealth
from generation.task_names import TRAINING
from getimg_site import backups
from getimg_site.models import ClusterReport

# A supervisor reports every 15 seconds.
_SILENT = timedelta(seconds=60)
_CACHE_KEY, _CACHE_SECONDS = "operators-now:1", 15
_NONE = "—"


@dataclass(frozen=True)
class Errands:
    """The default cluster's tasks. None: the broker does not tell."""

    waiting: int | None
    in_hand: int | None
    oldest_wait: timedelta | None


@dataclass(frozen=True)
class Facts:
    """What the database and the broker say at one moment.

    `workers` are the supervisors of each cluster that report, and how many of them have a task in hand.
    """

    runs: QueueHealth
    errands: Errands
    workers: dict[str, tuple[int, int]]
    backup_at: datetime | None
    backup_bytes: int
    audited_at: datetime | None
    disk_free_bytes: int


@dataclass(frozen=True)
class Fact:
    """A figure with its name; `url` where a page is about it, `is_bad` where somebody must see it."""

    name: str
    value: str
    url: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class Card:
    """A queue, or what is kept safe."""

    name: str
    facts: tuple[Fact, ...]
    note: str = ""


def cards_for(user: User) -> list[Card]:
    """Return what this operator may see; at most a quarter of a minute old."""
    found = facts()
    cards = _queues(found, user) if user.has_perm("generation.view_job") else []
    kept = tuple(_kept(found, user))
    return [*cards, Card(_("Kept safe"), kept)] if kept else cards


def facts() -> Facts:
    """Return the facts, at most a quarter of a minute old."""
    return cast(Facts, cache.get_or_set(_CACHE_KEY, look, _CACHE_SECONDS))


def look() -> Facts:
    """Ask."""
    backup = backups.newest()
    audits = LedgerAudit.objects.filter(is_open=False).order_by("-pk").values_list("ended_at", flat=True)
    return Facts(
        runs=queue_health.look(),
        errands=_errands(),
        workers=_workers(),
        backup_at=backup.ended_at if backup else None,
        backup_bytes=backup.size_bytes if backup else 0,
        audited_at=audits.first(),
        disk_free_bytes=shutil.disk_usage(settings.DATA_DIR).free,
    )


def _workers() -> dict[str, tuple[int, int]]:
    heard = ClusterReport.objects.filter(told_at__gte=timezone.now() - _SILENT).order_by()
    rows = heard.values_list("cluster").annotate(up=Count("pk"), busy=Count("pk", filter=Q(is_busy=True)))
    return {cluster: (up, busy) for cluster, up, busy in rows}


def _errands() -> Errands:
    """Count the tasks of the default cluster; in Redis those in hand are not told."""
    broker = get_broker(doorbell.COURIER_CLUSTER)
    if not Conf.ORM:
        try:
            return Errands(broker.queue_size(), None, None)
        except RedisError:
            return Errands(None, None, None)
    now = timezone.now()
    is_waiting = Q(lock__lte=now)  # the time at which it was sent; of a claimed one, when it is claimed anew
    found = OrmQ.objects.using(Conf.ORM).filter(key=broker.list_key).aggregate(
        waiting=Count("pk", filter=is_waiting),
        in_hand=Count("pk", filter=~is_waiting),
        oldest=Min("lock", filter=is_waiting),
    )  # fmt: skip
    return Errands(found["waiting"], found["in_hand"], now - found["oldest"] if found["oldest"] else None)


# --- Words ------------------------------------------------------------------------------------------------------


def _queues(found: Facts, user: User) -> list[Card]:
    runs, errands = found.runs, found.errands
    listed = reverse("admin:generation_job_changelist")
    new, running = f"{listed}?status__exact=NEW", f"{listed}?status__exact=PROCESSING"
    training = f"&task={TRAINING}"
    pictures = (
        Fact(_("Waiting"), _count(runs.waiting), new),
        Fact(_("Running"), _count(runs.running), running),
        Fact(_("Oldest wait"), _wait(runs.oldest_wait), is_bad=runs.is_slow),
        _of_workers(found, user, doorbell.CLUSTER),
    )
    trainings = (
        Fact(_("Waiting"), _count(runs.trainings_waiting), new + training),
        Fact(_("Running"), _count(runs.trainings_running), running + training),
        Fact(_("Oldest wait"), _wait(runs.trainings_oldest_wait)),
        _of_workers(found, user, doorbell.TRAINING_CLUSTER),
    )
    sent = (
        Fact(_("Waiting"), _count(errands.waiting)),
        Fact(_("In hand"), _count(errands.in_hand)),
        Fact(_("Oldest wait"), _wait(errands.oldest_wait)),
        _of_workers(found, user, doorbell.COURIER_CLUSTER),
    )
    return [
        Card(_("Pictures, videos and the API"), pictures),
        Card(_("Trainings"), trainings, _("Paused under Queue switches.") if runs.trainings_paused else ""),
        Card(_("Mail, webhooks, exports, credits"), sent),
    ]


def _of_workers(found: Facts, user: User, cluster: str) -> Fact:
    up, busy = found.workers.get(cluster, (0, 0))
    words = _("%(up)s up, %(busy)s at work") % {"up": up, "busy": busy} if up else _("none is up")
    url = f"{reverse('admin:getimg_site_clusterreport_changelist')}?cluster__exact={cluster}"
    return Fact(_("Workers"), words, url if user.has_perm("getimg_site.view_clusterreport") else "", is_bad=not up)


def _kept(found: Facts, user: User) -> Iterator[Fact]:
    if user.has_perm("getimg_site.view_backup"):
        size = f", {filesizeformat(found.backup_bytes)}" if found.backup_bytes else ""
        yield Fact(_("Last backup"), _ago(found.backup_at) + size, reverse("admin:getimg_site_backup_changelist"))
    if user.has_perm("billing.view_ledgeraudit"):
        url = reverse("admin:billing_ledgeraudit_changelist")
        yield Fact(_("Last audit of the books"), _ago(found.audited_at), url)
    if user.has_perm("generation.view_job"):
        yield Fact(_("Free on the disk of DATA_DIR"), filesizeformat(found.disk_free_bytes))


def _count(number: int | None) -> str:
    return _NONE if number is None else f"{number:,}"


def _wait(wait: timedelta | None) -> str:
    if wait is None:
        return _NONE
    seconds = max(0, int(wait.total_seconds()))
    if seconds < 120:
        return _("%(number)s s") % {"number": seconds}
    if seconds < 2 * 3600:
        return _("%(number)s min") % {"number": seconds // 60}
    return _("%(number)s h") % {"number": f"{seconds // 3600:,}"}


def _ago(at: datetime | None) -> str:
    return _("%(time)s ago") % {"time": timesince(at, depth=1)} if at else _("never")
