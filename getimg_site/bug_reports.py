"""Reports of bugs: kept with their files, and the operators told by mail. Nothing here belongs in a transaction."""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import mail_admins
from django.db import transaction
from django.urls import reverse

from accounts.ids import uuid7
from getimg_site.attachments import Attachment
from getimg_site.models import BugReport, BugReportFile

logger = logging.getLogger(__name__)


def keep(report: BugReport, files: Sequence[Attachment]) -> None:
    """Save a report with its files, all or none, and tell the operators. Raises: OSError."""
    keys = [f"reports/{uuid7().hex}{file.suffix}" for file in files]
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
