"""What is for sale: plans by the month or year, packs at once. Seeded from `plans.toml`, then the admin's to change."""

from collections.abc import Collection

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

FREE = "free"


class Product(models.TextChoices):
    """What credits can buy; each product has wallets, packs and prices of its own."""

    SITE = "site", _("Site")
    API = "api", _("API")


class Interval(models.TextChoices):
    """How often a plan is paid."""

    MONTH = "month", _("Monthly")
    YEAR = "year", _("Yearly")


class Plan(models.Model):
    """What a person may do each month. The plan with the slug "free" is everybody's who pays for none."""

    slug = models.SlugField(primary_key=True, max_length=32)
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    # Not offered: nobody can choose it any more; who has it keeps it.
    is_offered = models.BooleanField(default=True)
    monthly_credits = models.PositiveIntegerField()
    month_cents = models.PositiveIntegerField(_("price by the month (cents)"), default=0)
    year_cents = models.PositiveIntegerField(_("price by the year (cents)"), default=0)
    currency = models.CharField(max_length=3, default="usd")
    # How many runs may be drawn at the same time; more wait.
    jobs_at_once = models.PositiveSmallIntegerField()
    models_stored = models.PositiveSmallIntegerField(_("own models kept"))
    # Empty: pictures are kept as long as the plan lasts.
    retention_days = models.PositiveIntegerField(null=True, blank=True)
    kept_days_after = models.PositiveIntegerField(_("days pictures are kept after the plan ended"), default=0)
    is_commercial = models.BooleanField(_("commercial use"), default=False)
    # The prices at the shop, written by `plans.sync`.
    month_price_id = models.CharField(max_length=64, blank=True)
    year_price_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(condition=Q(jobs_at_once__gte=1), name="plan_runs_something"),
            models.CheckConstraint(
                condition=(Q(slug="free") & Q(month_cents=0, year_cents=0))
                | (~Q(slug="free") & Q(month_cents__gt=0, year_cents__gt=0)),
                name="plan_free_costs_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_free(self) -> bool:
        """Whether this is the plan of those who pay for none."""
        return self.slug == FREE

    def cents(self, interval: str) -> int:
        """Return the price of a month or a year."""
        return self.year_cents if interval == Interval.YEAR else self.month_cents

    def price_id(self, interval: str) -> str:
        """Return the shop's price; empty before `plans.sync`."""
        return self.year_price_id if interval == Interval.YEAR else self.month_price_id

    def key(self, interval: str) -> str:
        """Return the lookup key of the shop's price."""
        return f"{self.slug}:{interval}"

    def forget_prices(self, changed: Collection[str]) -> None:
        """Forget the shop's prices that these fields changed: who paid one has paid an older price."""
        for interval in Interval:
            if f"{interval}_cents" in changed or "currency" in changed:
                setattr(self, f"{interval}_price_id", "")


class Pack(models.Model):
    """Credits that are bought at once and do not expire with the month."""

    slug = models.SlugField(primary_key=True, max_length=32)
    name = models.CharField(max_length=40)
    product = models.CharField(max_length=8, choices=Product.choices, default=Product.SITE)
    position = models.PositiveSmallIntegerField(default=0)
    is_offered = models.BooleanField(default=True)
    credits = models.PositiveIntegerField()
    price_cents = models.PositiveIntegerField(_("price (cents)"))
    currency = models.CharField(max_length=3, default="usd")
    # Only who has a paid plan can buy it: packs carry no licence of their own.
    needs_plan = models.BooleanField(default=False)
    # Empty: never.
    lasts_days = models.PositiveIntegerField(_("expires after (days)"), null=True, blank=True)
    price_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["product", "position", "slug"]
        constraints = [
            models.CheckConstraint(condition=Q(credits__gt=0, price_cents__gt=0), name="pack_sells_something"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """The lookup key of the shop's price."""
        return f"pack:{self.slug}"

    def forget_prices(self, changed: Collection[str]) -> None:
        """Forget the shop's price where these fields changed it: who paid it has paid an older price."""
        if "price_cents" in changed or "currency" in changed:
            self.price_id = ""


class PlanSpell(models.Model):
    """How long a wallet was on a plan: what `plans.plan_at` looks up. Only `billing.plans` writes it."""

    wallet = models.ForeignKey("billing.Wallet", models.PROTECT, related_name="spells", db_index=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    # Empty: it goes on.
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wallet"], name="spell_one_open", condition=Q(ends_at__isnull=True)),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("starts_at")), name="spell_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["wallet", "starts_at"], name="spell_by_wallet")]

    def __str__(self) -> str:
        return f"{self.plan_id} from {self.starts_at}"
