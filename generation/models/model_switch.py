"""Which models of the catalogue operators have turned off, and why. Asked by `generation.model_switches` alone."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MODEL_REASON_MAX_LENGTH = 300


class ModelSwitch(models.Model):
    """One model; without a row it is on."""

    slug = models.CharField(_("model"), max_length=64, primary_key=True)
    is_off = models.BooleanField(_("off"), default=False)
    reason = models.CharField(
        max_length=MODEL_REASON_MAX_LENGTH, blank=True, help_text=_("People and programs read it where the model was.")
    )
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "model switches"
        constraints = [
            models.CheckConstraint(condition=models.Q(is_off=False) | ~models.Q(reason=""), name="model_off_has_reason")
        ]

    def __str__(self) -> str:
        return f"{self.slug}: {'off' if self.is_off else 'on'}"

    def clean(self) -> None:
        """Ask for the reason where a model is turned off."""
        if self.is_off and not self.reason.strip():
            raise ValidationError({"reason": gettext("Say why: people read it where the model was.")})
