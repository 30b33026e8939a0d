"""A model's files on their way onto this installation. Written by `generation/model_installs.py` alone."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy


class ModelInstall(models.Model):
    """One model of the catalogue, fetched from the hub or copied from a folder of the operator's."""

    slug = models.CharField(max_length=64, editable=False)
    # Below MODEL_SOURCES_DIR; empty: from the hub.
    folder = models.CharField(max_length=200, blank=True, editable=False)
    # The operator's id.
    asked_by = models.UUIDField(editable=False)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    # Nobody takes it before: while a process works at it, which says so again and again.
    due_at = models.DateTimeField(default=timezone.now, editable=False)
    # One at a time for a model: true until it has ended.
    is_open = models.BooleanField(default=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    # Files that are there, of how many, and the one at hand.
    done = models.PositiveIntegerField(default=0, editable=False)
    files = models.PositiveIntegerField(default=0, editable=False)
    at_hand = models.CharField(max_length=200, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Why it is not there; empty: it is, or will be.
    trouble = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = gettext_lazy("model install")
        verbose_name_plural = gettext_lazy("model installs")
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="model_install_one_open", condition=Q(is_open=True)),
            models.CheckConstraint(
                condition=Q(is_open=True, ended_at__isnull=True) | Q(is_open=False, ended_at__isnull=False),
                name="model_install_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"install of {self.slug}"

    @property
    def state(self) -> str:
        """How it stands, in words."""
        if self.is_open:
            facts = {"done": self.done, "files": self.files}
            return gettext("%(done)s of %(files)s files") % facts if self.files else gettext("Waiting")
        return gettext("Failed") if self.trouble else gettext("Installed")
