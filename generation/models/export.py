"""Everything of a person's as one file: how far it is and where it lies. Written by `generation/exports.py`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7


class Export(models.Model):
    """One zip that somebody asked for."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("In progress")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")
        EXPIRED = "expired", _("Expired")

    ACTIVE = (Status.WAITING, Status.WORKING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports", db_index=False)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    # How often a process has begun it; a write that names another attempt changes nothing.
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    pictures = models.PositiveIntegerField(default=0)
    pictures_done = models.PositiveIntegerField(default=0)
    # Deleted while the file was written; it lists them.
    pictures_skipped = models.PositiveIntegerField(default=0)
    # Key in the storage; empty before there is a file, and after it was removed.
    file = models.CharField(max_length=200, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    failure_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], name="export_one_at_a_time", condition=Q(status__in=["waiting", "working"])
            ),
            models.CheckConstraint(
                condition=~Q(status="ready") | Q(expires_at__isnull=False) & ~Q(file=""), name="export_ready_has_file"
            ),
            models.CheckConstraint(
                condition=Q(pictures_done__lte=F("pictures"), pictures_skipped__lte=F("pictures_done")),
                name="export_counts_fit",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="export_by_user"),
            models.Index(fields=["id"], name="export_waiting", condition=Q(status__in=["waiting", "working"])),
            models.Index(fields=["expires_at"], name="export_expiring", condition=Q(status="ready")),
        ]

    def __str__(self) -> str:
        return f"export {self.pk} {self.status}"

    @property
    def is_active(self) -> bool:
        """Waiting or being written."""
        return self.status in self.ACTIVE

    @property
    def is_ready(self) -> bool:
        """Whether the file can be fetched now."""
        return self.status == self.Status.READY and self.expires_at is not None and timezone.now() < self.expires_at
