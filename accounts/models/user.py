"""Who is asking, and how to reach them. Credits and pictures belong to the floors above."""

import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.addresses import mailbox
from accounts.ids import uuid7

DISPLAY_NAME_MAX_LENGTH = 30
# Where those live who have left: reserved for names that are nobody's. Source: RFC 2606.
ERASED_DOMAIN = "erased.invalid"


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is a known IANA time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            gettext("“%(name)s” is not a time zone we know; choose one such as Europe/Berlin.") % {"name": name[:64]}
        )


class UserManager(BaseUserManager["User"]):
    """Creates users; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person. Raises ValueError without an address."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an operator with every permission."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find the person by address, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Signs in by e-mail; the day of sign-up is the day of the billing cycle."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = models.CharField(max_length=DISPLAY_NAME_MAX_LENGTH, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    # For the personal link; drawn when somebody first looks at it (`referrals.code_of`).
    referral_code = models.CharField(max_length=12, null=True, blank=True, editable=False)  # noqa: DJ001
    # The browser in which they last looked at their invites, as a keyed hash (see `accounts/places.py`).
    device = models.CharField(max_length=32, blank=True, default="", editable=False)
    # Where mail for the address ends up: two accounts with the same are one person's.
    mailbox = models.GeneratedField(
        expression=mailbox(), output_field=models.CharField(max_length=254), db_persist=True, editable=False
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_case"),
            models.UniqueConstraint(fields=["referral_code"], name="user_referral_code_unique"),
        ]
        indexes = [models.Index(fields=["mailbox"], name="user_by_mailbox")]

    def __str__(self) -> str:
        return self.email

    @property
    def name(self) -> str:
        """What the pages call this person to their face."""
        return self.display_name or self.email.partition("@")[0]

    @property
    def public_name(self) -> str:
        """What others read: the name they chose, and nothing of an address."""
        return self.display_name or gettext("Somebody")

    @property
    def is_erased(self) -> bool:
        """Whether the account was erased: nobody reads what is written to it."""
        return self.email.endswith(f"@{ERASED_DOMAIN}")

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The person's time zone."""
        return zoneinfo.ZoneInfo(self.time_zone)
