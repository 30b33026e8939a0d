"""The verbs of an export: ordered, claimed, brought further, ended, removed. What is in the file is `export_file`'s.

One at a time a person. A process that writes one holds a lease; when it dies, the lease runs out and another begins
the file anew. Every write names its attempt, so that a slow process changes nothing after that.
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core import signing
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from generation import doorbell
from generation.models import Export

logger = logging.getLogger(__name__)

Status = Export.Status
# How long the file lies there to be fetched.
KEPT = timedelta(days=7)
LEASE = timedelta(minutes=2)
ATTEMPTS_MAX = 3
_TICKET = "generation.export"
DISK_FULL = gettext_noop("There was no room to write it. It is being looked after; try again tomorrow.")
GIVEN_UP = gettext_noop("It could not be written. Try again; should it fail once more, write to us.")


class ExportEnded(Exception):
    """The export was canceled, or another process has taken it over."""


def order(user: User) -> Export:
    """Ask for a file with everything of a person's, or return the one that is on its way. Earlier files go."""
    try:
        with transaction.atomic():
            export = Export.objects.create(user=user)
            doorbell.ring_exporter()
    except IntegrityError:
        return Export.objects.get(user=user, status__in=Export.ACTIVE)
    _remove(Export.objects.filter(user=user, status=Status.READY))
    logger.info("export ordered", extra={"export": export.pk})
    return export


def ticket_of(export: Export) -> str:
    """Return what opens the file of somebody who cannot log in, for as long as it lies there."""
    return signing.dumps(str(export.pk), salt=_TICKET)


def is_ticket_of(export: Export, ticket: str) -> bool:
    """Whether this opens the file: made here, for this one, and its owner still cannot log in."""
    try:
        named = signing.loads(ticket, salt=_TICKET, max_age=KEPT)
    except signing.BadSignature:
        return False
    return bool(named == str(export.pk)) and not export.user.is_active


def latest(user: User) -> Export | None:
    """Return the person's newest export, whatever became of it."""
    return Export.objects.filter(user=user).order_by("-id").first()


def due(now: datetime) -> list[uuid.UUID]:
    """Return the exports that nobody writes, the oldest first."""
    return list(Export.objects.filter(_free(now)).order_by("id").values_list("pk", flat=True)[:100])


def being_written(now: datetime) -> int:
    """Return how many exports some process is writing."""
    return Export.objects.filter(status=Status.WORKING, lease_expires_at__gt=now).count()


def claim(export_id: uuid.UUID) -> Export | None:
    """Take an export to write it; None where another process has it, or it has ended."""
    now = timezone.now()
    free = Export.objects.filter(_free(now), pk=export_id)
    if free.filter(attempt__gte=ATTEMPTS_MAX).update(status=Status.FAILED, failure_reason=GIVEN_UP, ended_at=now):
        logger.error("export given up", extra={"export": export_id})
        return None
    changes = {"pictures": 0, "pictures_done": 0, "pictures_skipped": 0}
    if not free.update(status=Status.WORKING, attempt=F("attempt") + 1, lease_expires_at=now + LEASE, **changes):
        return None
    return Export.objects.select_related("user").get(pk=export_id)


def advance(export: Export, *, pictures: int, done: int, skipped: int) -> None:
    """Say how far the file is. Raises: ExportEnded."""
    _owned(export).update_or_end(pictures=pictures, pictures_done=done, pictures_skipped=skipped)


def renew(export: Export) -> None:
    """Say that the process that writes it is alive. Raises: ExportEnded."""
    _owned(export).update_or_end(lease_expires_at=timezone.now() + LEASE)


def finish(export: Export, *, file: str, size_bytes: int) -> None:
    """Let the person fetch the file, for some days. Raises: ExportEnded."""
    now = timezone.now()
    _owned(export).update_or_end(
        status=Status.READY,
        file=file,
        size_bytes=size_bytes,
        ended_at=now,
        expires_at=now + KEPT,
        lease_expires_at=None,
    )
    export.refresh_from_db()
    logger.info("export ready", extra={"export": export.pk, "size_bytes": size_bytes})


def fail(export: Export, reason: str) -> None:
    """End an export that cannot be written. Raises: ExportEnded."""
    _owned(export).update_or_end(status=Status.FAILED, failure_reason=reason[:200], ended_at=timezone.now())
    logger.warning("export failed", extra={"export": export.pk})


def cancel(user: User) -> bool:
    """End the person's export at their wish; returns False where none is on its way."""
    active = Export.objects.filter(user=user, status__in=Export.ACTIVE)
    return bool(active.update(status=Status.CANCELED, ended_at=timezone.now(), lease_expires_at=None))


def remove_expired(now: datetime) -> int:
    """Remove the files whose time is over; returns how many."""
    return _remove(Export.objects.filter(status=Status.READY, expires_at__lte=now))


def remove_all(user: User) -> None:
    """Remove everything about a person's exports, files and rows."""
    cancel(user)
    _remove(Export.objects.filter(user=user))
    Export.objects.filter(user=user).delete()


# --- private, in the order of their callers --------------------------------------------------------


def _remove(exports: Iterable[Export]) -> int:
    removed = list(exports)
    for export in removed:
        if export.file:
            default_storage.delete(export.file)
        Export.objects.filter(pk=export.pk, status=Status.READY).update(status=Status.EXPIRED, file="")
    return len(removed)


def _free(now: datetime) -> Q:
    return Q(status=Status.WAITING) | Q(status=Status.WORKING, lease_expires_at__lte=now)


class _Owned:
    """The row, as long as this attempt is the one that writes it."""

    def __init__(self, rows: QuerySet[Export]) -> None:
        self._rows = rows

    def update_or_end(self, **facts: object) -> None:
        """Write, or raise ExportEnded."""
        if not self._rows.update(**facts):
            raise ExportEnded


def _owned(export: Export) -> _Owned:
    return _Owned(Export.objects.filter(pk=export.pk, status=Status.WORKING, attempt=export.attempt))
