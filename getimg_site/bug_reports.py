"""Reports of bugs: kept with their pictures, and the operators told by mail. Nothing here belongs in a transaction."""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import mail_admins
from django.db import transaction
from django.urls import reverse

from accounts.ids import uuid7
from generation import picture_reading
from getimg_site.models import BugReport, BugReportPicture

PICTURES_MAX = 3

logger = logging.getLogger(__name__)


def keep(report: BugReport, contents: Sequence[bytes]) -> None:
    """Save a report with its pictures, all or none, and tell the operators. Raises: PictureRefused, OSError."""
    encoded = [picture_reading.read(content) for content in contents]
    keys = [f"reports/{uuid7().hex}.png" for _ in encoded]
    for key, picture in zip(keys, encoded, strict=True):
        default_storage.save(key, ContentFile(picture.png))
    with transaction.atomic():
        report.save()
        BugReportPicture.objects.bulk_create(
            BugReportPicture(report=report, file=key, size_bytes=len(picture.png))
            for key, picture in zip(keys, encoded, strict=True)
        )
    address = settings.SITE_URL + reverse("admin:getimg_site_bugreport_change", args=[report.pk])
    # Sent or not, the report is kept: the admin lists it.
    mail_admins(
        f"Bug report {report.pk}", f"{report.text}\n\n{report.page}\n{report.browser}\n\n{address}", fail_silently=True
    )
