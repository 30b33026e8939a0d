"""What waits for an operator: each thing with its count and the page of the admin where it is dealt with."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.ids import first_id
from accounts.models import User
from billing.models import LedgerAudit, Payment, ReferralReward, StripeEvent
from generation import doorbell, queue_health
from generation.models import ModerationCase, Report, WebhookDelivery
from getimg_site import operators_now, studio_status
from getimg_site.models import BugReport, Wish

# Counted no further than this.
MOST = 1000
# Webhooks that failed longer ago are past helping.
WEBHOOKS_SINCE = timedelta(days=7)
# Below this (bytes) the next model or backup may not fit.
LITTLE_DISK = 5 * 2**30
# Alerts say it then, too.
BACKUP_IS_OLD_AFTER = timedelta(days=2)
_CACHE_KEY, _CACHE_SECONDS = "operators-attention", 15


@dataclass(frozen=True)
class Matter:
    """A thing to look at. `count` is empty where there is nothing to count, `url` where no page deals with it."""

    text: str | Promise
    count: str = ""
    url: str = ""


@dataclass(frozen=True)
class _Kind:
    """A kind of thing that is counted: who may see it, what to call it, which page lists it, which rows it is."""

    permission: str
    text: Any
    page: str
    query: str
    rows: Callable[[], QuerySet[Any]]

    @property
    def key(self) -> str:
        return f"{self.page}?{self.query}"


def _late_webhooks() -> QuerySet[Any]:
    since = first_id(timezone.now() - WEBHOOKS_SINCE)
    # Without what was never tried, because its endpoint is off.
    return WebhookDelivery.objects.filter(pk__gte=since, status=WebhookDelivery.Status.FAILED, tries__gt=0)


def _broken_books() -> QuerySet[Any]:
    last = LedgerAudit.objects.filter(is_open=False).order_by("-pk").values_list("pk", flat=True)[:1]
    return LedgerAudit.objects.filter(pk__in=last, faults__gt=0)


_KINDS = (
    _Kind(
        "billing.view_ledgeraudit",
        ngettext_lazy("audit of the ledger found faults", "audits of the ledger found faults"),
        "billing_ledgeraudit",
        "",
        _broken_books,
    ),
    _Kind(
        "billing.view_stripeevent",
        ngettext_lazy("Stripe event failed", "Stripe events failed"),
        "billing_stripeevent",
        "status__exact=failed",
        lambda: StripeEvent.objects.filter(status=StripeEvent.Status.FAILED),
    ),
    _Kind(
        "billing.view_payment",
        ngettext_lazy("payment is disputed", "payments are disputed"),
        "billing_payment",
        "dispute__exact=open",
        lambda: Payment.objects.filter(dispute=Payment.Dispute.OPEN),
    ),
    _Kind(
        "billing.view_payment",
        ngettext_lazy("refunded payment has credits owed", "refunded payments have credits owed"),
        "billing_payment",
        "fate=owed",
        lambda: Payment.objects.filter(owed__gt=0),
    ),
    _Kind(
        "billing.view_referralreward",
        ngettext_lazy("invite reward has credits owed", "invite rewards have credits owed"),
        "billing_referralreward",
        "fate=owed",
        lambda: ReferralReward.objects.filter(owed__gt=0),
    ),
    _Kind(
        "generation.view_moderationcase",
        ngettext_lazy("case waits for a decision", "cases wait for a decision"),
        "generation_moderationcase",
        "is_waiting__exact=1",
        lambda: ModerationCase.objects.filter(is_waiting=True),
    ),
    _Kind(
        "generation.view_moderationcase",
        ngettext_lazy("appeal waits for an answer", "appeals wait for an answer"),
        "generation_moderationcase",
        "is_waiting__exact=1&appealed_at__isempty=0",
        lambda: ModerationCase.objects.filter(is_waiting=True, appealed_at__isnull=False),
    ),
    _Kind(
        "generation.view_report",
        ngettext_lazy("report of a picture is open", "reports of pictures are open"),
        "generation_report",
        "closed_at__isempty=1",
        lambda: Report.objects.filter(closed_at__isnull=True),
    ),
    _Kind(
        "generation.view_webhookdelivery",
        ngettext_lazy("webhook failed within a week", "webhooks failed within a week"),
        "generation_webhookdelivery",
        "status__exact=failed&tries__gt=0",
        _late_webhooks,
    ),
    _Kind(
        "getimg_site.view_bugreport",
        ngettext_lazy("bug report is new", "bug reports are new"),
        "getimg_site_bugreport",
        "state__exact=new",
        lambda: BugReport.objects.filter(state=BugReport.State.NEW),
    ),
    _Kind(
        "getimg_site.view_wish",
        ngettext_lazy("wish has no decision", "wishes have no decision"),
        "getimg_site_wish",
        "state__exact=open",
        lambda: Wish.objects.filter(state=Wish.State.OPEN),
    ),
)


def matters(user: User) -> list[Matter]:
    """Return what waits, of what this operator may see; at most a quarter of a minute old."""
    found = [*_of_the_workers(user), *_of_the_queue(user), *_of_the_disk(), *_of_the_backups(user)]
    counts = cast(dict[str, int], cache.get_or_set(_CACHE_KEY, _count, _CACHE_SECONDS))
    for kind in _KINDS:
        if (count := counts[kind.key]) and user.has_perm(kind.permission):
            url = f"{reverse(f'admin:{kind.page}_changelist')}?{kind.query}"
            found.append(Matter(kind.text % count, f"{count:,}" if count < MOST else f"{MOST:,}+", url))
    return found


def _count() -> dict[str, int]:
    """Count all kinds in one statement, none further than `MOST`."""
    parts: list[str] = []
    values: list[Any] = []
    for place, kind in enumerate(_KINDS):
        rows, its_values = kind.rows().order_by().values("pk")[:MOST].query.sql_with_params()
        parts.append(f"SELECT {place}, COUNT(*) FROM ({rows}) AS kind_{place}")  # noqa: S608  # the ORM's own words
        values += its_values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return {_KINDS[place].key: count for place, count in cursor.fetchall()}


# What stands still without a worker of each cluster.
_SILENT = {
    doorbell.CLUSTER: _("No worker is up for pictures, videos and the API: start “supervise gpu”"),
    doorbell.TRAINING_CLUSTER: _("No worker is up for trainings: start “supervise training”"),
    doorbell.COURIER_CLUSTER: _("No worker is up for credits, mail, webhooks and exports: start “supervise default”"),
}


def _of_the_workers(user: User) -> list[Matter]:
    """Say what the public status page says of the clusters."""
    if not user.has_perm("generation.view_job"):
        return []
    return [Matter(_SILENT[cluster], url=reverse("status")) for cluster in studio_status.silent_clusters()]


def _of_the_queue(user: User) -> list[Matter]:
    health = queue_health.look()
    if not health.is_slow or not user.has_perm("generation.view_job"):
        return []
    text = (
        _("in the queue and nothing is drawn: look whether a worker is up")
        if health.is_stalled
        else _("in the queue, the oldest for longer than usual")
    )
    return [Matter(text, f"{health.waiting:,}", f"{reverse('admin:generation_job_changelist')}?status__exact=NEW")]


def _of_the_disk() -> list[Matter]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    return [Matter(_("free on the disk of DATA_DIR"), filesizeformat(free))] if free < LITTLE_DISK else []


def _of_the_backups(user: User) -> list[Matter]:
    """Say that the last is old; that there was none yet only where people's pictures are at stake."""
    if not user.has_perm("getimg_site.view_backup"):
        return []
    last, url = operators_now.facts().backup_at, reverse("admin:getimg_site_backup_changelist")
    if last is None:
        return [Matter(_("No backup was taken yet"), url=url)] if settings.PRODUCTION else []
    if timezone.now() - last <= BACKUP_IS_OLD_AFTER:
        return []
    return [Matter(_("since the last backup: look whether the timer runs"), timesince(last, depth=1), url)]
