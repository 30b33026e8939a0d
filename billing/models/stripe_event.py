"""The inbox of the shop's events, and the nightly reconciliation's reports."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class StripeEvent(models.Model):
    """An event as it came; it only says that something changed. The task that processes it fetches the object."""

    class Status(models.TextChoices):
        NEW = "new", _("Waiting")
        DONE = "done", _("Processed")
        IGNORED = "ignored", _("Not ours")
        FAILED = "failed", _("Failed")

    OPEN: ClassVar = (Status.NEW, Status.FAILED)

    event_id = models.CharField(primary_key=True, max_length=64)
    type = models.CharField(max_length=80)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64, blank=True)
    customer_id = models.CharField(max_length=64, blank=True)
    payload = models.JSONField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.NEW)
    # What was done, or what went wrong.
    note = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(_("made at the shop"))
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at"], name="event_open", condition=Q(status__in=["new", "failed"])),
            models.Index(fields=["-received_at"], name="event_by_arrival"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class Reconciliation(models.Model):
    """One comparison of our rows with the shop's: what was looked at, what was missing and is healed."""

    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    since = models.DateTimeField()
    checked = models.PositiveIntegerField(default=0)
    # One line each: what differed.
    healed = models.JSONField(default=list)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="reconciliation_newest")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}: {self.checked} looked at, {len(self.healed)} healed"
