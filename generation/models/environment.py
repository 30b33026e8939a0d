"""With what pictures were drawn: weights, versions, device. Thousands of pictures share one row."""

from django.db import models


class Environment(models.Model):
    """Facts about an engine as it was, by their checksum. Written once, never changed."""

    digest = models.CharField(max_length=64, primary_key=True)
    # `model` and `tools` (id, weights_sha256), `device`, `dtype`, `versions`: see `environments`.
    facts = models.JSONField()

    def __str__(self) -> str:
        return f"environment {self.digest[:12]}"
