"""A person's own style or setting of the form, by name."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.ids import uuid7
from accounts.models import User

PRESET_NAME_MAX_LENGTH = 40


class PresetQuerySet(models.QuerySet["Preset"]):
    """Rules about sets of presets."""

    def visible_to(self, user: User) -> "PresetQuerySet":
        """Presets this person may see and use: their own."""
        return self.filter(user=user)


class Preset(models.Model):
    """What a prompt becomes, what is left out, and settings of the form; each may be empty."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # No index of its own: the constraint's begins with it.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="presets", db_index=False)
    name = models.CharField(max_length=PRESET_NAME_MAX_LENGTH)
    # With {prompt} it goes around what is typed; without, it takes its place; empty, it leaves it.
    prompt = models.TextField(blank=True)
    negative_prompt = models.TextField(blank=True)
    # By the form's names; empty: they stay as they are.
    settings = models.JSONField(default=dict, blank=True)

    objects: ClassVar[models.Manager["Preset"]] = models.Manager.from_queryset(PresetQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="preset_one_per_name")]

    def __str__(self) -> str:
        return self.name
