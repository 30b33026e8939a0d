"""The one table."""

from typing import ClassVar

from django.db import models


class Run(models.Model):
    """One picture that was asked for."""

    prompt = models.TextField()
    seed = models.BigIntegerField()
    num_inference_steps = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    picture = models.FileField()

    # Said for the type checker, which knows the site's models alone.
    objects: ClassVar["models.Manager[Run]"] = models.Manager()

    def __str__(self) -> str:
        return str(self.pk)
