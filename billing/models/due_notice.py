"""The outbox of mails about money: those that have not gone out. Written by `billing/notices.py` alone."""

from django.db import models
from django.utils import timezone


class DueNotice(models.Model):
    """One mail, from the change that it tells of until it has gone out or was given up."""

    kind = models.CharField(max_length=16)
    # The payment, subscription or wallet that it is about.
    about = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Nobody sends it before: while a process is at it, and for a while after a try that failed.
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.kind} of {self.about}"
