"""Each backup that was taken, so that operators are told when there was none for long."""

from django.db import models
from django.utils import timezone


class Backup(models.Model):
    """One that is whole. Written by `getimg_site/backups.py` alone, after it was taken: no backup names itself."""

    ended_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    # 0 where the operator's own tools took it and this was only noted.
    size_bytes = models.PositiveBigIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return f"backup of {self.ended_at:%Y-%m-%d %H:%M}"
