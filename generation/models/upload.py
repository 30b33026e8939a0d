"""A picture that somebody brought along, as it is kept: re-encoded, without anything its file said beside pixels."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models import ApiKey, User


class UploadQuerySet(models.QuerySet["Upload"]):
    """Rules about sets of uploads."""

    def visible_to(self, user: User) -> "UploadQuerySet":
        """Uploads this person may see: their own that are not deleted."""
        return self.filter(user=user, deleted_at__isnull=True)

    def visible_to_key(self, key: ApiKey) -> "UploadQuerySet":
        """Uploads this key may see: to a test key those that test keys brought, to a live key the others."""
        return self.visible_to(key.user).filter(is_test=key.is_test)


class Upload(models.Model):
    """One picture or mask of one person; the same one brought again is this row again, with test keys another."""

    class Kind(models.TextChoices):
        PICTURE = "picture", _("Picture")
        # Grey: a mask, or strokes that mark the subject.
        MASK = "mask", _("Mask")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # No index of its own: the constraint begins with it.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploads", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PICTURE)
    # Brought by a test key: there for test keys alone, and on the site.
    is_test = models.BooleanField(default=False, db_default=False, editable=False)
    # Of the file as it is kept.
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    is_transparent = models.BooleanField(default=False)
    # The darkest and the lightest grey, 0 to 255: what a mask marks, known without opening it.
    darkest = models.PositiveSmallIntegerField()
    lightest = models.PositiveSmallIntegerField()
    file = models.CharField(max_length=200)
    thumbnail = models.CharField(max_length=200)
    placeholder = models.CharField(max_length=600)
    # Of all its files: what it takes of the quota.
    size_bytes = models.PositiveBigIntegerField()
    # Of `file` alone; empty for those from before the column.
    file_bytes = models.PositiveBigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Kept for so many days from here on.
    used_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Upload"]] = models.Manager.from_queryset(UploadQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "is_test", "sha256"],
                name="upload_once_a_side",
                condition=Q(deleted_at__isnull=True),
            ),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="upload_has_size"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="upload_by_user"),
            models.Index(fields=["used_at"], name="upload_by_use"),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"

    @property
    def reference(self) -> str:
        """How a request names it."""
        return f"upload:{self.pk}"

    @property
    def files(self) -> tuple[str, str]:
        """Storage keys of everything that belongs to it."""
        return (self.file, self.thumbnail)
