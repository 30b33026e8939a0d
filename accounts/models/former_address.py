"""An address that somebody had before: an erasure looks for it as well (`accounts/former_addresses.py`)."""

from django.db import models
from django.utils import timezone

from accounts.models.user import User


class FormerAddress(models.Model):
    """One of them; it goes with the account."""

    user = models.ForeignKey(User, models.CASCADE, related_name="former_addresses")
    email = models.EmailField(editable=False)
    # Whether it was theirs for sure. Whoever signs up may write anybody's, and another once the code is asked for.
    was_confirmed = models.BooleanField(db_default=False, default=False, editable=False)
    until = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "email"], name="former_address_once_a_person")]

    def __str__(self) -> str:
        return f"former address of {self.user_id}"
