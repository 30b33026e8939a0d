"""What makes words searchable: a GIN index in PostgreSQL, in SQLite an FTS5 table and triggers that keep it in step.

The FTS5 table holds its index alone and reads the words themselves from the table it stands beside. Whoever alters
that table on SQLite copies it, and the copy has no triggers: install them again there.
Source: SQLite FTS5, section 4.4.3, "External Content Tables".
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from generation.models.search_text import FTS_TABLE

_TABLE = "generation_searchtext"
_FORGET = f"INSERT INTO {FTS_TABLE}({FTS_TABLE}, rowid, words) VALUES ('delete', old.id, old.words);"  # noqa: S608  (names of our own)
_ADD = f"INSERT INTO {FTS_TABLE}(rowid, words) VALUES (new.id, new.words);"  # noqa: S608

_INSTALL = {
    # Without its list of pending entries, which every search would have to read.
    "postgresql": [f"CREATE INDEX generation_searchtext_gin ON {_TABLE} USING gin (words) WITH (fastupdate = off)"],
    "sqlite": [
        f"""
        CREATE VIRTUAL TABLE {FTS_TABLE} USING fts5(
            words, content='{_TABLE}', content_rowid='id', tokenize='unicode61 remove_diacritics 0'
        )
        """,
        f"CREATE TRIGGER {_TABLE}_added AFTER INSERT ON {_TABLE} BEGIN {_ADD} END",
        f"CREATE TRIGGER {_TABLE}_removed AFTER DELETE ON {_TABLE} BEGIN {_FORGET} END",
        f"CREATE TRIGGER {_TABLE}_changed AFTER UPDATE OF words ON {_TABLE} BEGIN {_FORGET} {_ADD} END",
    ],
}
_REMOVE = {
    "postgresql": ["DROP INDEX IF EXISTS generation_searchtext_gin"],
    "sqlite": [
        *(f"DROP TRIGGER IF EXISTS {_TABLE}_{event}" for event in ("added", "removed", "changed")),
        f"DROP TABLE IF EXISTS {FTS_TABLE}",
    ],
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the words searchable."""
    _run(connection, _INSTALL[connection.vendor])


def remove(connection: BaseDatabaseWrapper) -> None:
    """Undo it."""
    _run(connection, _REMOVE[connection.vendor])


def forget_deleted(connection: BaseDatabaseWrapper) -> None:
    """Write FTS5's index anew, in one piece: what was deleted stands in its old pieces, word for word, until then.

    PostgreSQL's vacuum does as much by itself.
    """
    if connection.vendor == "sqlite":
        _run(connection, [f"INSERT INTO {FTS_TABLE}({FTS_TABLE}) VALUES ('optimize')"])  # noqa: S608  (names of our own)


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
