"""A folder of somebody's library: pictures are put into it, or a saved search finds them (a smart folder)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.ids import uuid7
from accounts.models import User

FOLDER_NAME_MAX_LENGTH = 60


class FolderQuerySet(models.QuerySet["Folder"]):
    """Rules about sets of folders."""

    def visible_to(self, user: User) -> "FolderQuerySet":
        """Folders this person may see and use: their own."""
        return self.filter(user=user)

    def plain(self) -> "FolderQuerySet":
        """Those that pictures are put into."""
        return self.filter(query="")


class Folder(models.Model):
    """Where pictures lie together."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="folders")
    name = models.CharField(max_length=FOLDER_NAME_MAX_LENGTH)
    # The search of a smart folder, as an address carries it; empty: pictures are put into it.
    query = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager["Folder"]] = models.Manager.from_queryset(FolderQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint("user", Lower("name"), name="folder_one_per_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_smart(self) -> bool:
        """Whether a search finds what is in it."""
        return bool(self.query)
