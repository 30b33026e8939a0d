"""Automatic top-ups of API credits: what somebody asked for, and each charge. Written by `billing/top_ups.py`."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from billing.models.payment import Payment
from billing.models.plan import Pack
from billing.models.wallet import Wallet


class AutoTopUp(models.Model):
    """That a wallet is to be filled by a pack whenever its balance falls below a level."""

    wallet = models.OneToOneField(Wallet, models.PROTECT, primary_key=True, related_name="auto_top_up")
    is_on = models.BooleanField(default=False)
    below_credits = models.PositiveIntegerField(default=1000)
    pack = models.ForeignKey(Pack, models.PROTECT, related_name="+")
    # What its owner agreed to: so many credits for so much. Nothing else is ever charged; 0: nothing is noted.
    credits = models.PositiveIntegerField(db_default=0)
    price_cents = models.PositiveIntegerField(db_default=0)
    currency = models.CharField(max_length=3, db_default="usd")
    # What all top-ups of a calendar month (UTC) may cost together, in that currency.
    month_cents = models.PositiveIntegerField(default=5000)
    # Why it was turned off by us; empty where its owner did it, or it is on.
    problem = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["wallet"], name="auto_top_up_on", condition=Q(is_on=True))]

    def __str__(self) -> str:
        return f"{self.pack_id} below {self.below_credits}"

    @property
    def is_as_agreed(self) -> bool:
        """Whether the pack still is what its owner agreed to."""
        pack = self.pack
        return (pack.credits, pack.price_cents, pack.currency) == (self.credits, self.price_cents, self.currency)


class TopUp(models.Model):
    """One charge for a top-up: noted before the shop is asked, so that it is asked with one key until it answers."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Asked for")
        PAID = "paid", _("Paid")
        DECLINED = "declined", _("Declined")
        UNCLEAR = "unclear", _("No answer")
        # Its terms ended before the shop was asked.
        DROPPED = "dropped", _("Not charged")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="top_ups")
    pack = models.ForeignKey(Pack, models.PROTECT, related_name="+")
    # As they were when it was asked for.
    credits = models.PositiveIntegerField()
    amount_cents = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ASKED)
    # Whether the shop may have been asked. Rows from before this was noted may have been: the database's own default.
    is_sent = models.BooleanField(default=False, db_default=True)
    # The card at the shop that was asked: the same key goes with the same card. Empty where none was noted.
    card_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, blank=True, related_name="top_up")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            # The law of the top-up: one charge at a time, whoever looks at the balance meanwhile.
            models.UniqueConstraint(fields=["wallet"], name="top_up_one_at_a_time", condition=Q(status="asked")),
            models.CheckConstraint(
                condition=Q(status="paid", payment__isnull=False) | (~Q(status="paid") & Q(payment__isnull=True)),
                name="top_up_paid_has_payment",
            ),
        ]
        indexes = [models.Index(fields=["wallet", "-created_at"], name="top_up_by_wallet")]

    def __str__(self) -> str:
        return f"{self.credits} credits, {self.get_status_display().lower()}"
