"""When somebody was last told that pictures of theirs will go."""

from django.conf import settings
from django.db import models


class ExpiryMail(models.Model):
    """One row a person: the week after it brings no second mail."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True)
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"to {self.user_id} at {self.sent_at}"
