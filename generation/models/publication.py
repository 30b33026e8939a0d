"""A picture that its owner shows: to whoever has its link, or in the showcase; who likes it, and who reports it."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import switches
from accounts.ids import uuid7
from accounts.models import Feature
from generation.models.image import Image

REPORT_WORDS_MAX_LENGTH = 1000


def has_showcase() -> bool:
    """Whether there is a showcase; asked for here, and where people come in, alone."""
    return switches.is_on(Feature.SHOWCASE)


def new_token() -> str:
    """Return what nobody guesses: 128 bits."""
    return secrets.token_urlsafe(16)


class PublicationQuerySet(models.QuerySet["Publication"]):
    """Rules about sets of publications."""

    def open(self) -> "PublicationQuerySet":
        """Those that a link leads to: neither deleted nor taken down, of people who are not suspended."""
        return self.filter(image__deleted_at__isnull=True, taken_down_at__isnull=True, user__is_active=True)

    def listed(self) -> "PublicationQuerySet":
        """Those in the showcase, while there is one."""
        return self.open().filter(place__isnull=False) if has_showcase() else self.none()


class Publication(models.Model):
    """One picture's link. Ended by deleting it: its link leads nowhere then, and a new one is another."""

    image = models.OneToOneField(Image, models.CASCADE, related_name="publication")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="publications")
    token = models.CharField(max_length=32, unique=True, default=new_token)
    # Its place in the showcase, ordered by when it came there; empty: the link alone leads to it.
    place = models.UUIDField(null=True, blank=True)
    # Whether others see the prompt and may go on from it.
    shows_recipe = models.BooleanField(default=True)
    # As many as there are rows of `Like`: counted here so that no page has to.
    likes_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # By an operator: after a report, or with the words it was drawn from.
    taken_down_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Publication"]] = models.Manager.from_queryset(PublicationQuerySet)()

    class Meta:
        indexes = [
            models.Index(fields=["-place"], name="publication_showcase", condition=Q(place__isnull=False)),
            models.Index(fields=["user", "-place"], name="publication_author", condition=Q(place__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"publication of {self.image_id}"

    @property
    def is_listed(self) -> bool:
        """Whether it is in the showcase, where there is one."""
        return self.place is not None and has_showcase()


class Like(models.Model):
    """One person likes one picture, once."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="likes", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publication", "user"], name="like_once")]

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.publication_id}"


class Report(models.Model):
    """Somebody says that a picture should not be shown. Stays when the picture is shown no more."""

    class Reason(models.TextChoices):
        SEXUAL = "sexual", _("Nudity or sexual content")
        MINORS = "minors", _("Endangers children")
        VIOLENCE = "violence", _("Violence or cruelty")
        HATE = "hate", _("Hate or harassment")
        PERSON = "person", _("Shows a real person who did not agree")
        RIGHTS = "rights", _("Infringes rights of somebody")
        OTHER = "other", _("Something else")

    class Outcome(models.TextChoices):
        """What came of it; empty while nobody has looked."""

        TAKEN_DOWN = "taken_down", _("Taken down")
        LEFT = "left", _("Looked at, and left as it is")
        RESTORED = "restored", _("Taken down, and shown again after an appeal")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    image = models.ForeignKey(Image, models.CASCADE, related_name="reports")
    # Empty: somebody who was not signed in.
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    # Of those: where it came from while it is open, as keyed hashes (see `accounts/places.py`); empty: not known.
    network = models.CharField(max_length=32, blank=True, default="", db_default="")
    device = models.CharField(max_length=32, blank=True, default="", db_default="")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    words = models.CharField(max_length=REPORT_WORDS_MAX_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Looked at by an operator, and what was done.
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    # When whoever reported it was told, or did not want to be.
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at"], name="report_open", condition=Q(closed_at__isnull=True)),
            models.Index(
                fields=["closed_at"], name="report_untold", condition=~Q(outcome="") & Q(told_at__isnull=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["image", "reporter"],
                name="report_once",
                condition=Q(reporter__isnull=False, closed_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["image", "network"],
                name="report_once_a_network",
                condition=Q(closed_at__isnull=True) & ~Q(network=""),
            ),
            models.UniqueConstraint(
                fields=["image", "device"],
                name="report_once_a_device",
                condition=Q(closed_at__isnull=True) & ~Q(device=""),
            ),
        ]

    def __str__(self) -> str:
        return f"report of {self.image_id}: {self.reason}"

    @property
    def state(self) -> str:
        """How it stands, in words for whoever reported it."""
        return self.get_outcome_display() or gettext("Not looked at yet")
