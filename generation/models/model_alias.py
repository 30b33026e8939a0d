"""Names under which a model is offered besides its own; the operator's to edit."""

from django.core.validators import validate_slug
from django.db import models


class ModelAlias(models.Model):
    """`slug` is served by the model `target`; answers and pages name both."""

    slug = models.CharField(max_length=64, primary_key=True, validators=[validate_slug])
    target = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "model aliases"

    def __str__(self) -> str:
        return f"{self.slug} → {self.target}"
