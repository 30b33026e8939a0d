"""When somebody was last told that pictures of theirs will go."""

from django.conf import settings
from django.db import models


class ExpiryMail(models.Model):
    """One row a person: the week after a mail brings no second of its kind."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True)
    # Of the site's pictures, and of those that the API made: each has days of its own.
    sent_at = models.DateTimeField(null=True, blank=True)
    api_sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"to {self.user_id} at {self.sent_at} and {self.api_sent_at}"
