"""The books: lots, holds and entries. Written by `billing/ledger.py` and its set-based half `ledger_batch.py`.

Credits are integers. A wallet's balance is what can be spent now: credits under an open hold have
already left it and come back when the hold is released.
"""

from typing import Any, Never

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from billing.errors import AppendOnly
from billing.models.wallet import Wallet

KEY_MAX_LENGTH = 120
REASON_MAX_LENGTH = 200


class CreditLot(models.Model):
    """Credits that came together and expire together; the soonest to expire is spent first."""

    class Source(models.TextChoices):
        MONTHLY = "monthly", _("Monthly credits")
        PLAN = "plan", _("Plan")
        UPGRADE = "upgrade", _("Plan upgrade")
        PURCHASE = "purchase", _("Credit pack")
        REFERRAL = "referral", _("Referral reward")
        ADMIN = "admin", _("From the team")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # No index of its own: `lot_by_cycle` begins with the wallet.
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="lots", db_index=False)
    source = models.CharField(max_length=16, choices=Source.choices)
    credits = models.BigIntegerField()
    remaining = models.BigIntegerField()
    # What expired unspent. It only grows, so it tells one expiry of this lot from the next.
    expired = models.BigIntegerField(default=0)
    # Of monthly credits, of those an upgrade adds to them and of a plan's: the date of the cycle they came in.
    cycle_on = models.DateField(null=True, blank=True)
    # Empty: never. Moves 24 hours on when credits come back after it (see `ledger.release`).
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(credits__gt=0), name="lot_credits_positive"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, expired__gte=0) & Q(credits__gte=F("remaining") + F("expired")),
                name="lot_remaining_in_bounds",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["monthly", "plan", "upgrade"], cycle_on__isnull=False)
                | (~Q(source__in=["monthly", "plan", "upgrade"]) & Q(cycle_on__isnull=True)),
                name="lot_monthly_has_cycle",
            ),
            # The law of the monthly grant: one for each wallet and cycle, whatever happens.
            models.UniqueConstraint(
                fields=["wallet", "cycle_on"],
                name="lot_one_grant_per_wallet_and_cycle",
                condition=Q(source="monthly"),
            ),
        ]
        indexes = [
            models.Index(fields=["wallet", "expires_at"], name="lot_spendable", condition=Q(remaining__gt=0)),
            models.Index(fields=["expires_at"], name="lot_expiring", condition=Q(remaining__gt=0)),
            models.Index(fields=["wallet", "cycle_on"], name="lot_by_cycle"),
        ]

    def __str__(self) -> str:
        return f"{self.remaining} of {self.credits} ({self.get_source_display()})"


class CreditHold(models.Model):
    """Credits set aside for something that is being made: what arrives is settled, the rest released."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="holds")
    credits = models.BigIntegerField()
    settled = models.BigIntegerField(default=0)
    released = models.BigIntegerField(default=0)
    # [[lot id, credits], …] in spending order; its sum is `credits`.
    parts = models.JSONField()
    # For what is taken at once (an adjustment) it is open for no time: settled is credits from the start.
    # Opaque to billing: whose row this is for. Ledger lines link to it by this reference.
    reference = models.CharField(max_length=64, blank=True)
    # Just as opaque: with what it is made, in the caller's word. Usage is summed by it.
    tool = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(credits__gt=0), name="hold_credits_positive"),
            models.CheckConstraint(
                condition=Q(settled__gte=0, released__gte=0) & Q(credits__gte=F("settled") + F("released")),
                name="hold_never_overdrawn",
            ),
        ]
        indexes = [
            models.Index(fields=["wallet"], name="hold_open", condition=Q(credits__gt=F("settled") + F("released"))),
        ]

    def __str__(self) -> str:
        return f"hold of {self.credits} for {self.reference}"

    @property
    def open_credits(self) -> int:
        """Credits neither settled nor released yet."""
        return self.credits - self.settled - self.released


class LedgerEntry(models.Model):
    """One line of the ledger; never changed, never deleted. A correction is a new line."""

    class Kind(models.TextChoices):
        GRANT = "grant", _("Granted")
        HOLD = "hold", _("Set aside")
        SETTLE = "settle", _("Spent")
        RELEASE = "release", _("Given back")
        EXPIRE = "expire", _("Expired")
        ADJUST = "adjust", _("Adjusted")

    # A sequence drawn under the wallet's lock: its order is the order in which the balance moved.
    id = models.BigAutoField(primary_key=True)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # How many credits the verb was about, and by how many the balance moved (settle: 0, it left at the hold).
    credits = models.BigIntegerField()
    delta = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    lot = models.ForeignKey(CreditLot, models.PROTECT, null=True, blank=True, related_name="entries", db_index=False)
    hold = models.ForeignKey(CreditHold, models.PROTECT, null=True, blank=True, related_name="entries")
    reason = models.CharField(max_length=REASON_MAX_LENGTH)
    reference = models.CharField(max_length=64, blank=True)
    key = models.CharField(_("idempotency key"), max_length=KEY_MAX_LENGTH)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            # Not unique=True on the field: PostgreSQL would keep a second index, for LIKE, at each insert.
            models.UniqueConstraint(fields=["key"], name="entry_key_once"),
            models.CheckConstraint(condition=Q(balance_after__gte=0), name="entry_balance_not_negative"),
            models.CheckConstraint(
                condition=Q(kind="grant", credits__gt=0, delta=F("credits"))
                | Q(kind="hold", credits__gt=0, delta=0 - F("credits"))
                | Q(kind="settle", credits__gt=0, delta=0)
                | Q(kind="release", credits__gt=0, delta=F("credits"))
                | Q(kind="expire", credits__gt=0, delta=0 - F("credits"))
                | Q(kind="adjust", delta=F("credits")),
                name="entry_delta_fits_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["wallet", "-id"], name="entry_by_wallet"),
            models.Index(fields=["lot"], name="entry_by_lot", condition=Q(lot__isnull=False)),
            models.Index(fields=["created_at"], name="entry_by_day"),
        ]
        verbose_name_plural = "ledger entries"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.delta:+d} ({self.reason})"

    def save(self, **options: Any) -> None:
        """Write a new line. Raises AppendOnly for one that is written already."""
        if not self._state.adding:
            raise AppendOnly(self.pk)
        super().save(**options)

    def delete(self, *_: Any, **__: Any) -> Never:
        """Raise AppendOnly: a correction is a new line."""
        raise AppendOnly(self.pk)
