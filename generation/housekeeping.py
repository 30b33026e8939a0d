"""Removes what nobody needs any more. Everything here may run twice or be missed without harm.

Of a picture that is purged the row stays, without words or files: whoever holds a copy can still have its licence
checked by its checksum.
"""

import logging
import math
import shutil
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing.models import Plan, Product
from generation import picture_leftovers, retention, storage
from generation.models import Clip, Image, Publication, SearchText
from generation.models.image import ImageQuerySet

logger = logging.getLogger(__name__)

_SCRATCH_HOURS = 24
# Well within the time that a task of the queue has.
_PURGE_SECONDS = 200.0
_EMPTIED = (
    *("words", "alt_text", "placeholder", "folder", "file", "thumbnail_320", "thumbnail_640"),
    *("deleted_at", "purged_at"),
)


def purge_deleted(limit: int = 1000) -> int:
    """Remove the files of pictures deleted longer ago than undo reaches; returns how many."""
    before = timezone.now() - timedelta(days=retention.UNDO_DAYS)
    return _purge(_unpurged().filter(deleted_at__lt=before), limit)


def purge_now(user: User, ids: Sequence[uuid.UUID]) -> int:
    """Remove the files of pictures in somebody's trash at their wish, before their time; returns how many."""
    return _purge(_unpurged().filter(user=user, deleted_at__isnull=False, pk__in=ids), len(ids))


def purge_api_pictures(*, chunk: int = 200, seconds: float = _PURGE_SECONDS) -> int:
    """Remove the API's pictures that a program deleted, which nobody can undo there, or whose time is over.

    What a person deleted in the library lies in the trash, as the site's does, while its time is not over. Their number
    is whatever a day's programs made: it goes on until none is left or the time is over.
    """
    until = time.monotonic() + seconds
    of_api = _unpurged().filter(job__product=Product.API)
    before = timezone.now() - timedelta(days=settings.API_RETENTION_DAYS)
    over = (
        of_api.filter(deleted_at__isnull=False, job__deleted_at__isnull=False),
        of_api.filter(job__finished_at__lt=before),
    )
    return sum(_purge_all(images, chunk, until) for images in over)


def retire_old(now: datetime | None = None, *, chunk: int = 1000) -> int:
    """Put the pictures that are kept no longer into the trash, as if deleted; returns how many."""
    now = now or timezone.now()
    count = sum(_retire(plan, now, chunk) for plan in retention.limited_plans())
    if count:
        logger.info("old pictures put into the trash", extra={"count": count})
    return count


def remove_old_scratch(hours: float = _SCRATCH_HOURS) -> int:
    """Remove what attempts left behind when they died: raw pictures, and files that got no row.

    Returns how many folders of this age or more were removed.
    """
    before = time.time() - hours * 3600
    old = [folder for folder in Path(settings.SCRATCH_DIR).iterdir() if _changed_at(folder) < before]
    for folder in old:
        picture_leftovers.remove(folder)
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _unpurged() -> ImageQuerySet:
    return Image.objects.filter(purged_at__isnull=True).select_related("job", "clip")


def _purge_all(images: ImageQuerySet, chunk: int, until: float) -> int:
    count = 0
    while time.monotonic() < until and (purged := _purge(images, chunk)):
        count += purged
    return count


def _purge(over: ImageQuerySet, limit: int) -> int:
    found = list(over.values_list("pk", flat=True)[:limit])
    count = sum(_purge_one(over.filter(pk=pk)) for pk in found)
    if count:
        logger.info("pictures purged", extra={"count": count})
    return count


@transaction.atomic
def _purge_one(over: ImageQuerySet) -> bool:
    """Purge a picture unless somebody brought it back since the list was made; who would now waits for the end.

    The one place where files are deleted inside a transaction: the lock keeps a picture from coming back without them.
    """
    image = over.select_for_update(of=("self",), no_key=True).first()
    if image is None:
        return False
    # Files first: their names are known to the row alone.
    storage.delete_files_of(image)
    _empty(image)
    return True


def _empty(image: Image) -> None:
    """Leave of a picture what its licence says; the size stays for those that were made from it."""
    now = timezone.now()
    SearchText.objects.filter(image=image).delete()
    Publication.objects.filter(image=image).delete()
    Clip.objects.filter(image=image).delete()
    image.tags.clear()
    image.words, image.alt_text, image.placeholder, image.folder = [], "", "", None
    image.file, image.thumbnail_320, image.thumbnail_640 = "", "", ""
    image.deleted_at, image.purged_at = image.deleted_at or now, now
    image.save(update_fields=_EMPTIED)


def _retire(plan: Plan, now: datetime, chunk: int) -> int:
    count = 0
    over = Image.objects.filter(retention.over(plan, now))
    since = datetime.min.replace(tzinfo=UTC)
    while True:
        # By age, from where the last chunk ended: the old pictures of better plans are looked at once.
        found = list(over.filter(created_at__gte=since).order_by("created_at").values_list("pk", "created_at")[:chunk])
        # The rule is asked again as they go: somebody may have chosen a plan since.
        moved = over.filter(pk__in=[pk for pk, _ in found]).update(deleted_at=now)
        count += moved
        if len(found) < chunk or not moved:
            return count
        since = found[-1][1]


def _changed_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return math.inf  # its worker was faster
