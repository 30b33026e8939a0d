"""Accounts that operators have closed for a time, and why. Written by `generation/suspending.py` alone."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.user import User

SUSPENSION_REASON_MAX_LENGTH = 500


class Suspension(models.Model):
    """One closing of an account. While it is open nobody comes in; lifted, it stays as history."""

    user = models.ForeignKey(User, models.CASCADE, related_name="suspensions")
    # The person reads it.
    reason = models.CharField(max_length=SUSPENSION_REASON_MAX_LENGTH, editable=False)
    # Ids of operators.
    suspended_by = models.UUIDField(editable=False)
    suspended_at = models.DateTimeField(default=timezone.now, editable=False)
    lift_reason = models.CharField(max_length=SUSPENSION_REASON_MAX_LENGTH, blank=True, editable=False)
    lifted_by = models.UUIDField(null=True, blank=True, editable=False)
    lifted_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Ids of the webhook endpoints that were on, and go on when it is lifted.
    paused_endpoints = models.JSONField(default=list, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], name="suspension_one_open_a_person", condition=Q(lifted_at__isnull=True)
            ),
        ]
        permissions = [("suspend_user", "Can suspend a person with a reason, and lift it")]

    def __str__(self) -> str:
        return f"suspension of {self.user_id}"

    @classmethod
    def open_of(cls, user: User) -> "Suspension | None":
        """Return why this person's account is closed now, if it is."""
        return cls.objects.filter(user=user, lifted_at__isnull=True).first()
