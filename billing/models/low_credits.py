"""That a wallet's credits ran low, until they are enough again. Written by `billing/low_credits.py`."""

from django.db import models
from django.utils import timezone

from billing.models.wallet import Wallet


class LowCredits(models.Model):
    """One wallet is low: a row for as long as it lasts, so that each crossing is told once."""

    wallet = models.OneToOneField(Wallet, models.CASCADE, related_name="low")
    seen_at = models.DateTimeField(default=timezone.now, editable=False)
    # When the mail went out, or was not wanted.
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "low credits"

    def __str__(self) -> str:
        return f"{self.wallet_id} is low"
