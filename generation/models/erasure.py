"""An account that is to be erased, and how far that is. Written by `generation/erasing.py`."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

# Of an address of 254 characters, sealed.
_SEALED_ADDRESS_MAX_LENGTH = 600


class Erasure(models.Model):
    """One row a person who has left; it stays, without a word about who that was."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="erasure")
    # Where the receipt goes, encrypted; empty once it went.
    sealed_address = models.CharField(max_length=_SEALED_ADDRESS_MAX_LENGTH, blank=True)
    # What there was, for the receipt: nouns and numbers.
    removed = models.JSONField(default=dict)
    requested_at = models.DateTimeField(default=timezone.now)
    # Nobody takes it before: while a process works at it, and while something that failed shall pass.
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=100, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(sealed_address=""), name="erasure_ends_without_address"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="erasure_due", condition=Q(finished_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"erasure of {self.user_id}"
