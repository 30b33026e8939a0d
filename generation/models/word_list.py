"""A person's own list of words, used in prompts as `__name__`."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.ids import uuid7
from accounts.models import User

NAME_MAX_LENGTH = 40


class WordListQuerySet(models.QuerySet["WordList"]):
    """Rules about sets of lists."""

    def visible_to(self, user: User) -> "WordListQuerySet":
        """Lists this person may see and use: their own."""
        return self.filter(user=user)


class WordList(models.Model):
    """A name and its entries, each a template of its own (`generation.wildcards`)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # No index of its own: the constraint's begins with it.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="word_lists", db_index=False)
    # In small letters.
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    entries = models.JSONField(default=list)

    objects: ClassVar[models.Manager["WordList"]] = models.Manager.from_queryset(WordListQuerySet)()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="word_list_one_per_name")]

    def __str__(self) -> str:
        return f"__{self.name}__"

    @property
    def text(self) -> str:
        """The entries as they are written in a form: one a line."""
        return "\n".join(self.entries)
