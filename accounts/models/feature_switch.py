"""What operators turn on and off while the site runs. Asked by `accounts.switches` alone."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

SWITCH_REASON_MAX_LENGTH = 300


class Feature(models.TextChoices):
    """What can be turned off."""

    SIGN_UPS = "sign_ups", _("Sign-ups")
    SHOWCASE = "showcase", _("Showcase")
    TRAINING = "training", _("Training of models")
    VIDEO = "video", _("Videos")
    API = "api", _("API")
    FETCHING = "fetching", _("Pictures by their address")


class FeatureSwitch(models.Model):
    """One switch; without a row a feature is as the settings have it."""

    class State(models.TextChoices):
        AS_SET = "", _("As the settings have it")
        ON = "on", _("On")
        OFF = "off", _("Off")

    feature = models.CharField(max_length=16, choices=Feature.choices, primary_key=True)
    state = models.CharField(max_length=3, choices=State.choices, blank=True, default=State.AS_SET)
    reason = models.CharField(
        max_length=SWITCH_REASON_MAX_LENGTH, blank=True, help_text=_("People read it where the feature was.")
    )
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "feature switches"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="off") | ~models.Q(reason=""), name="feature_off_has_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_feature_display()}: {self.get_state_display().lower()}"

    def clean(self) -> None:
        """Ask for the reason where something is turned off."""
        if self.state == self.State.OFF and not self.reason.strip():
            raise ValidationError({"reason": gettext("Say why: people read it where the feature was.")})
