"""What invites brought to whom, and what of it was taken back. Written by `billing/referral_rewards.py`."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models import Referral
from billing.models.payment import Payment
from billing.models.wallet import Wallet

REFERENCE = "referral:"


class ReferralReward(models.Model):
    """One side's credits of one invite, once whatever happens."""

    class Side(models.TextChoices):
        REFERRER = "referrer", _("For inviting a friend")
        FRIEND = "friend", _("For coming by an invite")
        PAID = "paid", _("For a friend who pays")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="rewards", db_index=False)
    side = models.CharField(max_length=8, choices=Side.choices)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="referral_rewards")
    # What the friend paid: a refund or dispute of it takes these credits back.
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="referral_rewards")
    # 0 where the settings say so then: rewarded all the same, and counted.
    credits = models.PositiveIntegerField()
    # Of those: taken back so far, and not to be had, so owed.
    taken_back = models.PositiveIntegerField(default=0)
    owed = models.PositiveIntegerField(default=0)
    # How often credits were taken back or returned: it tells one such line of the ledger from the next.
    moves = models.PositiveSmallIntegerField(default=0)
    granted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["referral", "side"], name="referral_reward_once_a_side"),
            models.CheckConstraint(
                condition=Q(credits__gte=F("taken_back") + F("owed")), name="referral_reward_takes_back_what_it_brought"
            ),
            models.CheckConstraint(
                condition=Q(side="paid", payment__isnull=False) | (~Q(side="paid") & Q(payment__isnull=True)),
                name="referral_reward_paid_for",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.credits} credits {self.get_side_display().lower()}"

    @property
    def reference(self) -> str:
        """How ledger lines name the invite."""
        return f"{REFERENCE}{self.referral_id}"

    @property
    def kept(self) -> int:
        """Credits that were not taken back."""
        return self.credits - self.taken_back
