"""Whose credits: a wallet for each person and product, and the plan it is on."""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.ids import uuid7
from billing.models.plan import FREE, Plan, Product


class WalletQuerySet(models.QuerySet["Wallet"]):
    """Wallets as those ask who write about them."""

    def locked(self, pk: UUID) -> "Wallet":
        """Return a wallet that nobody else writes about until the transaction ends.

        Its plan is read after the lock: joined to it, it is none where the plan changed while the lock was waited for.
        """
        return self.select_for_update(no_key=True, of=("self",)).get(pk=pk)


class Wallet(models.Model):
    """One person's credits for one product, and where their billing cycle stands."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="wallets", db_index=False)
    product = models.CharField(max_length=8, choices=Product.choices, default=Product.SITE)
    balance = models.BigIntegerField(default=0)
    # The billing cycle. The day comes from sign-up and never drifts: 31 → 28 February → 31 March.
    cycle_day = models.PositiveSmallIntegerField()
    next_cycle_on = models.DateField()
    # The first instant of that date in the zone the person had when it was set; empty until the first
    # grant (address not confirmed) and for wallets without monthly credits.
    next_grant_at = models.DateTimeField(null=True, blank=True)
    # The plan in force, written by `billing/plans.py` alone; none for the API's wallets.
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, default=FREE, related_name="+")
    # What the team gave for nothing; it rests while a plan is paid for. Empty: none.
    given_plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # When it came into force; empty: with the wallet.
    plan_since = models.DateTimeField(null=True, blank=True)
    # What the last paid plan promised: pictures are kept at least until then.
    pictures_kept_until = models.DateTimeField(null=True, blank=True)
    # Stands in the calendar's address: counted up, the addresses given out before lead nowhere.
    calendar_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager["Wallet"]] = models.Manager.from_queryset(WalletQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "product"], name="wallet_one_per_user_and_product"),
            models.CheckConstraint(condition=Q(balance__gte=0), name="wallet_balance_not_negative"),
            models.CheckConstraint(condition=Q(cycle_day__gte=1, cycle_day__lte=31), name="wallet_cycle_day_in_month"),
        ]
        indexes = [
            models.Index(fields=["next_grant_at"], name="wallet_due", condition=Q(next_grant_at__isnull=False)),
        ]
        permissions = [("adjust_credits", "Can give and take credits with a reason")]

    def __str__(self) -> str:
        return f"{self.get_product_display()} wallet {self.pk}"
