"""What operators tell everybody about a disturbance, on the status page."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TITLE_MAX_LENGTH, TEXT_MAX_LENGTH = 100, 2000


class Incident(models.Model):
    """One disturbance. Written in the admin; nothing of it is about a person."""

    class State(models.TextChoices):
        INVESTIGATING = "investigating", _("Being looked into")
        MENDED = "mended", _("Mended")

    title = models.CharField(max_length=TITLE_MAX_LENGTH)
    text = models.TextField(
        max_length=TEXT_MAX_LENGTH, help_text=_("What does not work, for whom, and what comes next.")
    )
    state = models.CharField(max_length=13, choices=State.choices, default=State.INVESTIGATING)
    started_at = models.DateTimeField(_("from"), default=timezone.now)
    ended_at = models.DateTimeField(_("to"), null=True, blank=True, help_text=_("Empty while it goes on."))

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="investigating", ended_at__isnull=True) | Q(state="mended", ended_at__isnull=False),
                name="incident_mended_has_end",
                violation_error_message=_("What is mended has an end, and what has an end is mended."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="incident_ends_after_start",
                violation_error_message=_("It ends after it began."),
            ),
        ]

    def __str__(self) -> str:
        return self.title
