"""A mailbox whose account was erased, as a keyed hash, for a time (`accounts/erased_mailboxes.py`)."""

from django.db import models
from django.utils import timezone


class ErasedMailbox(models.Model):
    """One of them: whoever signs up with it again is recognised, and nothing says who that was."""

    digest = models.CharField(max_length=32, primary_key=True, editable=False)
    erased_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "erased mailboxes"

    def __str__(self) -> str:
        return self.digest
