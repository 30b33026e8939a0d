"""Names under which a model is offered besides its own; the operator's to edit."""

from contextlib import suppress
from typing import Any

from django.core.cache import cache
from django.core.validators import validate_slug
from django.db import models, transaction
from redis import RedisError

_CACHE_KEY = "model-aliases"
# For changes that come past `save` and `delete`.
_CACHE_SECONDS = 10
# What a cache says that is full or away.
_CACHE_TROUBLE = (OSError, RedisError)


class ModelAlias(models.Model):
    """`slug` is served by the model `target`; answers and pages name both."""

    slug = models.CharField(max_length=64, primary_key=True, validators=[validate_slug])
    target = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "model aliases"

    def __str__(self) -> str:
        return f"{self.slug} → {self.target}"

    def save(self, *args: Any, **options: Any) -> None:
        """Save; whoever asks after the commit hears of it."""
        super().save(*args, **options)
        transaction.on_commit(_forget)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Delete; whoever asks after the commit hears of it."""
        transaction.on_commit(_forget)
        return super().delete(*args, **options)

    @classmethod
    def targets(cls) -> dict[str, str]:
        """Return every alias's target. Every request for a picture asks, so the shared cache keeps the answer."""
        with suppress(*_CACHE_TROUBLE):
            kept: dict[str, str] | None = cache.get(_CACHE_KEY)
            if kept is not None:
                return kept
        targets = dict(cls.objects.values_list("slug", "target"))
        with suppress(*_CACHE_TROUBLE):
            cache.set(_CACHE_KEY, targets, _CACHE_SECONDS)
        return targets


def _forget() -> None:
    with suppress(*_CACHE_TROUBLE):
        cache.delete(_CACHE_KEY)
