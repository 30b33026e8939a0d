"""A word that somebody puts on pictures of theirs."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import User

TAG_MAX_LENGTH = 40


def tag_name(text: str) -> str:
    """Return a tag as it is kept, of how somebody typed it."""
    return " ".join(text.replace("\x00", " ").replace("#", " ").split()).casefold()


class TagQuerySet(models.QuerySet["Tag"]):
    """Rules about sets of tags."""

    def visible_to(self, user: User) -> "TagQuerySet":
        """Tags this person may see and use: their own."""
        return self.filter(user=user)


class Tag(models.Model):
    """One word, or a few, in small letters."""

    # No index of its own: the constraint's begins with it.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(max_length=TAG_MAX_LENGTH)

    objects: ClassVar[models.Manager["Tag"]] = models.Manager.from_queryset(TagQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="tag_one_per_name")]

    def __str__(self) -> str:
        return self.name
