"""The words that a picture is found by: full text of PostgreSQL, or FTS5 of SQLite, behind one lookup."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Lookup, OuterRef, Subquery
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLCompiler

from accounts.models import User
from generation import search_words
from generation.models.image import Image
from generation.search_words import Search

# Of SQLite alone; `full_text` makes it and keeps it in step.
FTS_TABLE = "generation_searchtext_words"


class WordsField(models.TextField[Sequence[str], str]):
    """Words in their order: a tsvector in PostgreSQL, a text with spaces between them in SQLite."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Name the column's type."""
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_prep_value(self, value: Any) -> Any:
        """Leave the words as they are."""
        return value

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:  # noqa: ARG002  (Django's signature)
        """Return the column's own form of the words: they hold letters and digits alone, so nothing is quoted."""
        if value is None or isinstance(value, str):
            return value
        if connection.vendor == "postgresql":
            return " ".join(f"'{word}':{place}" for place, word in enumerate(value, start=1))
        return " ".join(value)


@WordsField.register_lookup
class Matches(Lookup[Any]):
    """Whether words fit a search; the right side is (search, owner)."""

    lookup_name = "matches"
    prepare_rhs = False
    rhs: tuple[Search, uuid.UUID]

    def get_db_prep_lookup(self, value: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        """Return the search as the database reads it."""
        search, owner = value
        text = search.as_tsquery(owner) if connection.vendor == "postgresql" else search.as_fts5(owner)
        return "%s", (text,)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        """Ask the GIN index."""
        words, params = self.process_lhs(compiler, connection)
        return f"{words} @@ %s::tsquery", [*params, *self.get_db_prep_lookup(self.rhs, connection)[1]]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        """Ask the FTS5 table, whose row ids are this table's ids."""
        assert isinstance(self.lhs, Col)
        table = compiler.quote_name_unless_alias(self.lhs.alias)
        found = f"SELECT rowid FROM {FTS_TABLE} WHERE {FTS_TABLE} MATCH %s"  # noqa: S608  (names of our own)
        return f"{table}.id IN ({found})", list(self.get_db_prep_lookup(self.rhs, connection)[1])


class SearchTextQuerySet(models.QuerySet["SearchText"]):
    """Rules about sets of searched texts."""

    def matching(self, user: User, search: Search) -> "SearchTextQuerySet":
        """Return those of this person's pictures that fit a search."""
        return self.filter(user=user, words__matches=(search, user.pk))

    def fits(self, user: User, search: Search) -> Subquery:
        """Return, as a condition for pictures, whether one's words fit a search: each is looked at by itself.

        An expression, so that no database turns it into `matching`, which begins with the index of words.
        """
        own = self.filter(image=OuterRef("pk"), user=user).annotate(fits=Matches(F("words"), (search, user.pk)))
        return Subquery(own.values("fits"), output_field=models.BooleanField())


class SearchText(models.Model):
    """One picture's words; `search_index` writes them, in the transaction of what they come from."""

    # A number: FTS5 knows rows by nothing else.
    id = models.BigAutoField(primary_key=True)
    image = models.OneToOneField(Image, models.CASCADE, related_name="search_text")
    # As the picture's own; no index, for the words carry their owner's mark.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    words = WordsField()

    objects: ClassVar[models.Manager["SearchText"]] = models.Manager.from_queryset(SearchTextQuerySet)()

    def __str__(self) -> str:
        return f"words of {self.image_id}"


def words_for(image: Image, tags: Sequence[str] = ()) -> list[str]:
    """Return the words that a picture is found by: its prompt, its description, its tags. Reads its run."""
    return search_words.marked(image.user_id, (image.prompt, image.alt_text, *tags))
