"""What a person wants to be told of, and how. Written by `accounts/notifications.py`."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Happening(models.TextChoices):
    """What somebody may want to hear of."""

    RUN_DONE = "run_done", _("A run is done")
    RUN_FAILED = "run_failed", _("A run failed")
    TRAINING_DONE = "training_done", _("A training is done")
    TRAINING_FAILED = "training_failed", _("A training failed")
    LOW_CREDITS = "low_credits", _("Credits run low")
    NEXT_GRANT = "next_grant", _("Monthly credits have come")
    REPORT_ANSWERED = "report_answered", _("A report of yours was answered")


class Channel(models.TextChoices):
    """The ways to tell."""

    BROWSER = "browser", _("Browser")
    SOUND = "sound", _("Sound")
    EMAIL = "email", _("Email")


class NotificationChoice(models.Model):
    """One choice of one person; without a row what `notifications.DEFAULTS` says holds."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    happening = models.CharField(max_length=16, choices=Happening.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    is_on = models.BooleanField()
    # Sweeps that tell by mail look at what came after it.
    told_until = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "happening", "channel"], name="notification_choice_once"),
        ]
        indexes = [
            models.Index(fields=["happening", "channel"], name="notification_chosen", condition=models.Q(is_on=True)),
        ]

    def __str__(self) -> str:
        return f"{self.happening} by {self.channel}: {'on' if self.is_on else 'off'}"
