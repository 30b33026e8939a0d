"""What `download_model` fetched: the commit and checksums that are pinned from then on."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class InstalledModel(models.Model):
    """One model whose files lie on this installation's disk."""

    slug = models.CharField(max_length=64, primary_key=True)
    hub_id = models.CharField(max_length=120)
    revision = models.CharField(_("commit"), max_length=64)
    checksums = models.JSONField()
    size_bytes = models.PositiveBigIntegerField()
    installed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.slug} @ {self.revision[:12]}"
