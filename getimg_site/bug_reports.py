"""Reports of bugs: kept with their files, and the operators told by mail. Nothing here belongs in a transaction."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import mail_admins
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.ids import uuid7
from generation import storage
from getimg_site.attachments import Attachment
from getimg_site.models import BugReport, BugReportFile

logger = logging.getLogger(__name__)

_FOLDER = "reports"
# Younger files may be on their way to their row.
_LEFT_BEHIND = timedelta(days=1)


def keep(report: BugReport, files: Sequence[Attachment]) -> None:
    """Save a report with its files, all or none, and tell the operators. Raises: OSError."""
    keys = [f"{_FOLDER}/{uuid7().hex}{file.suffix}" for file in files]
    for key, file in zip(keys, files, strict=True):
        default_storage.save(key, ContentFile(file.content))
    with transaction.atomic():
        report.save()
        BugReportFile.objects.bulk_create(
            BugReportFile(
                report=report,
                file=key,
                name=file.name,
                content_type=file.content_type,
                size_bytes=len(file.content),
            )
            for key, file in zip(keys, files, strict=True)
        )
    address = settings.SITE_URL + reverse("admin:getimg_site_bugreport_change", args=[report.pk])
    body = f"{report.text}\n\n{report.reply_to}\n{report.page}\n{report.browser}\n\n{address}"
    # Sent or not, the report is kept: the admin lists it.
    mail_admins(f"Bug report {report.pk}", body, fail_silently=True)


def delete(reports: QuerySet[BugReport]) -> None:
    """Delete reports, and their files as soon as that is certain; what the storage keeps, `remove_leftovers` finds."""
    with transaction.atomic():
        files = BugReportFile.objects.filter(report__in=[report.pk for report in reports])
        keys = list(files.values_list("file", flat=True))
        reports.delete()
        # No partial: of a hook that fails Django logs the name, and a partial has none.
        transaction.on_commit(lambda: storage.delete(*keys), robust=True)


def remove_leftovers(now: datetime | None = None) -> int:
    """Remove files that no report names and that have lain for a day; returns how many. Twice does no harm."""
    before = (now or timezone.now()) - _LEFT_BEHIND
    named = set(BugReportFile.objects.values_list("file", flat=True))
    found = [key for key in storage.files_under(_FOLDER) if key not in named and _is_older(key, before)]
    storage.delete(*found)
    if found:
        logger.info("leftovers of reports removed", extra={"count": len(found)})
    return len(found)


def _is_older(key: str, before: datetime) -> bool:
    try:
        return default_storage.get_modified_time(key) < before
    except FileNotFoundError:
        return False
