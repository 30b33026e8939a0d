"""What was bought and how it stands, as the shop told. Written by what applies the shop's facts; never by hand."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from billing.models.plan import Interval, Pack, Plan
from billing.models.wallet import Wallet


class Customer(models.Model):
    """Who a person is at the shop."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="customer", primary_key=True)
    customer_id = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.customer_id


class Subscription(models.Model):
    """A plan that is paid again and again; the shop's subscription as it was last fetched."""

    class Status(models.TextChoices):
        INCOMPLETE = "incomplete", _("First payment open")
        INCOMPLETE_EXPIRED = "incomplete_expired", _("Never paid")
        TRIALING = "trialing", _("Trial")
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Payment failed")
        UNPAID = "unpaid", _("Given up")
        PAUSED = "paused", _("Paused")
        CANCELED = "canceled", _("Ended")

    RUNNING = (Status.TRIALING, Status.ACTIVE, Status.PAST_DUE)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="subscriptions")
    subscription_id = models.CharField(_("id at the shop"), max_length=64, unique=True)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    interval = models.CharField(max_length=8, choices=Interval.choices)
    price_id = models.CharField(max_length=64)
    status = models.CharField(max_length=20, choices=Status.choices)
    period_starts_at = models.DateTimeField()
    period_ends_at = models.DateTimeField()
    cancels_at_period_end = models.BooleanField(default=False)
    # What it changes to when the period ends.
    next_plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+")
    next_interval = models.CharField(max_length=8, choices=Interval.choices, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # Since when a payment is failing; its plan stays in force through the grace.
    past_due_since = models.DateTimeField(null=True, blank=True)
    # A change that waits for the bank's customer is given up then.
    pending_until = models.DateTimeField(null=True, blank=True)
    card = models.CharField(max_length=64, blank=True)
    card_fingerprint = models.CharField(max_length=64, blank=True)
    # A second subscription of the same person: ended and paid back, its plan never counts.
    is_duplicate = models.BooleanField(default=False)
    synced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-started_at"], name="subscription_by_user"),
            models.Index(fields=["period_ends_at"], name="subscription_open", condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} by the {self.interval}, {self.get_status_display().lower()}"

    @property
    def is_running(self) -> bool:
        """Whether its plan is in force."""
        return self.status in self.RUNNING and not self.is_duplicate

    @staticmethod
    def grace_over_since(now: datetime) -> datetime:
        """Return the moment by which a payment had begun to fail whose grace is over now."""
        return now - timedelta(days=settings.PAYMENT_GRACE_DAYS)


class Payment(models.Model):
    """Money that came, the credits it brought, and what became of both."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("Plan")
        UPGRADE = "upgrade", _("Change of plan")
        PACK = "pack", _("Credit pack")
        TOP_UP = "top_up", _("Automatic top-up")

    class Dispute(models.TextChoices):
        NONE = "", _("None")
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="payments")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # The natural key: the invoice at the shop; of a charge without one, its payment intent.
    payment_id = models.CharField(_("id at the shop"), max_length=64, unique=True)
    payment_intent_id = models.CharField(max_length=64, blank=True, db_index=True)
    subscription = models.ForeignKey(Subscription, models.PROTECT, null=True, blank=True, related_name="payments")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+")
    interval = models.CharField(max_length=8, choices=Interval.choices, blank=True)
    pack = models.ForeignKey(Pack, models.PROTECT, null=True, blank=True, related_name="+")
    amount_cents = models.PositiveIntegerField()
    tax_cents = models.PositiveIntegerField(default=0)
    refunded_cents = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3, default="usd")
    dispute = models.CharField(max_length=8, choices=Dispute.choices, blank=True, default=Dispute.NONE)
    dispute_reason = models.CharField(max_length=64, blank=True)
    disputed_cents = models.PositiveIntegerField(default=0)
    # The time a plan is paid for; a pack is for no time.
    covers_from = models.DateTimeField(null=True, blank=True)
    covers_until = models.DateTimeField(null=True, blank=True)
    # Of a plan: how many months' credits it brings, how many a month above the free plan's, the cycle in which the
    # first of them came and the moment of the next (empty: none is to come); what a plan that it cut short had brought
    # too much, which it brings less; and when another cut it short itself. Written by `billing/paid_months.py`.
    months = models.PositiveSmallIntegerField(default=0)
    month_credits = models.PositiveIntegerField(default=0)
    first_cycle_on = models.DateField(null=True, blank=True)
    next_month_at = models.DateTimeField(null=True, blank=True)
    taken_over = models.PositiveIntegerField(default=0)
    cut_at = models.DateTimeField(null=True, blank=True)
    # What it brought so far: a refund takes the refunded share of these back.
    credits = models.PositiveIntegerField(default=0)
    # Of those: taken back so far, and not to be had, so owed.
    taken_back = models.PositiveIntegerField(default=0)
    owed = models.PositiveIntegerField(default=0)
    card_fingerprint = models.CharField(max_length=64, blank=True)
    paid_at = models.DateTimeField()
    synced_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(credits__gte=F("taken_back") + F("owed")), name="payment_takes_back_what_it_brought"
            ),
            # The law of a plan's credits: no more than the months that were paid.
            models.CheckConstraint(
                condition=Q(months=0) | Q(credits__lte=F("months") * F("month_credits") - F("taken_over")),
                name="payment_brings_its_months_at_most",
            ),
        ]
        indexes = [
            models.Index(fields=["wallet", "-paid_at"], name="payment_by_wallet"),
            models.Index(fields=["paid_at"], name="payment_by_day"),
            models.Index(fields=["wallet"], name="payment_owing", condition=Q(owed__gt=0)),
            models.Index(fields=["next_month_at"], name="payment_due", condition=Q(next_month_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.amount_cents / 100:.2f} {self.currency.upper()} for {self.get_kind_display().lower()}"

    @property
    def lost_cents(self) -> int:
        """What of the money is no longer here: refunded, or with the bank of somebody who disputes it."""
        is_disputed = self.dispute in (self.Dispute.OPEN, self.Dispute.LOST)
        return min(self.amount_cents, self.refunded_cents + (self.disputed_cents if is_disputed else 0))

    @property
    def is_lost(self) -> bool:
        """Whether all of the money is gone again."""
        return 0 < self.amount_cents <= self.lost_cents

    @property
    def reference(self) -> str:
        """How ledger lines name this payment."""
        return f"payment:{self.pk}"
