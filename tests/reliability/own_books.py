"""The books of the test's own database, by the checker's laws: also within a transaction that the test will undo."""

from typing import Any

from django.db import connection

from tests.reliability import books


def wrong_books() -> list[str]:
    """Return what is wrong with them, in words."""
    return list(books.findings(fetch))


def fetch(query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query over the test's own connection."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
