"""When somebody who runs the site looked at it as a person, and why. Written by `accounts/support_visits.py` alone."""

from datetime import datetime

from django.db import models
from django.utils import timezone

from accounts.models.user import User

VISIT_REASON_MAX_LENGTH = 200


class SupportVisit(models.Model):
    """One look at an account; its owner sees that and when."""

    user = models.ForeignKey(User, models.CASCADE, related_name="support_visits")
    # The operator's id.
    staff = models.UUIDField(editable=False)
    # For the audit log; the person does not read it.
    reason = models.CharField(max_length=VISIT_REASON_MAX_LENGTH, editable=False)
    begun_at = models.DateTimeField(default=timezone.now, editable=False)
    # It ends by itself then.
    ends_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        permissions = [("view_as_person", "Can look at the site as a person, with a reason")]

    def __str__(self) -> str:
        return f"support visit to {self.user_id}"

    @property
    def over_at(self) -> datetime:
        """When it ended, or ends by itself."""
        return min(self.ended_at or self.ends_at, self.ends_at)
