"""API keys and what is counted for them. Written by `accounts/{api_keys,rate_limits,test_allowance}.py`."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.user import User

KEY_NAME_MAX_LENGTH = 60
LOW_BALANCE_DEFAULT = 50


class Scope(models.TextChoices):
    """What a key may do."""

    GENERATE = "generate", _("Make pictures")
    READ = "read", _("Read pictures, models, balance and usage")
    DELETE = "delete", _("Delete pictures")
    WEBHOOKS = "webhooks", _("Manage webhooks")


def every_scope() -> list[str]:
    """Return all scopes: what a key may do unless somebody narrows it."""
    return list(Scope.values)


class ApiKey(models.Model):
    """A program's way in. The key's text is shown once and never stored; `api_keys.py` alone makes and ends keys.

    A key that is rotated stays this row: its name, limits and history go on under the new text.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=KEY_NAME_MAX_LENGTH)
    # The beginning of the text, for people to tell keys apart, and the SHA-256 of all of it.
    prefix = models.CharField(max_length=16, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    # The text before the last rotation; it works until then.
    previous_digest = models.CharField(max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001 (unique)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)
    is_test = models.BooleanField(default=False, editable=False)
    scopes = models.JSONField(default=every_scope)
    # CIDR, v4 and v6; empty: from anywhere.
    allowed_networks = models.JSONField(default=list, blank=True)
    # Credits a UTC day and a UTC month; empty: as many as there are.
    daily_cap = models.PositiveIntegerField(null=True, blank=True)
    monthly_cap = models.PositiveIntegerField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Written at most once a minute.
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # Of the rows that `api_keys.verify` reads alone: whether the owner may come in.
    owner_is_active: bool
    # And the digest of the text that the request came with: the key's own, or the one before the last rotation.
    digest_used: str

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="api_key_one_per_digest"),
            models.UniqueConstraint(fields=["previous_digest"], name="api_key_one_per_previous_digest"),
            models.CheckConstraint(
                condition=Q(previous_digest__isnull=True, previous_until__isnull=True)
                | Q(previous_digest__isnull=False, previous_until__isnull=False),
                name="api_key_previous_has_end",
            ),
        ]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_revoked(self) -> bool:
        """Ended by its owner."""
        return self.revoked_at is not None

    @property
    def is_expired(self) -> bool:
        """Past its own end."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_live(self) -> bool:
        """Whether requests may come with it."""
        return not self.is_revoked and not self.is_expired

    @property
    def is_overlapping(self) -> bool:
        """Whether the text before the last rotation still works."""
        return self.previous_until is not None and self.previous_until > timezone.now()

    def takes(self, digest_start: str) -> bool:
        """Whether the text whose digest begins so works: the key's own, or the one before while both do."""
        return self.digest.startswith(digest_start) or (
            self.is_overlapping and (self.previous_digest or "").startswith(digest_start)
        )

    def may(self, scope: str) -> bool:
        """Whether the key has this scope."""
        return scope in self.scopes


class RateBucket(models.Model):
    """How much of a rate is used up, as the instant at which none would be. Written by `rate_limits.py` alone."""

    name = models.CharField(primary_key=True, max_length=64)
    # Microseconds since 1970.
    empty_at = models.BigIntegerField()

    def __str__(self) -> str:
        return self.name


class TestAllowance(models.Model):
    """How many pictures a person's test keys have asked for in a UTC day. Written by `test_allowance.py` alone."""

    __test__ = False  # no test class, whatever its name

    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    pictures = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="test_allowance_one_per_day")]

    def __str__(self) -> str:
        return f"{self.pictures} test pictures on {self.day}"


class ApiAccount(models.Model):
    """What a person who builds on the API wants to be told; made with the first key."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="api_account")
    # A mail goes out when the API's balance falls below it; 0: never.
    low_balance_at = models.PositiveIntegerField(default=LOW_BALANCE_DEFAULT)
    # When it did; empty again once there are enough credits.
    low_balance_told_at = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return f"API account of {self.user_id}"
