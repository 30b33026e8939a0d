"""The law that a picture's licence and checksum are written once, as triggers: it binds SQL typed by hand, too.

What a picture may be used for is promised when it is made. A plan that lapses, a catalogue that changes or a slip in
the admin cannot take the promise back, nor give more than was paid for.
"""

from collections.abc import Mapping, Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.law import Law

COLUMNS = ("plan", "licence", "model_licence", "is_test", "sha256")
_MESSAGE = "The licence and the checksum of a picture are written once."
_TABLE = "generation_image"

_INSTALL = {
    "postgresql": [
        f"""
        CREATE OR REPLACE FUNCTION generation_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$
        """,
        f"""
        CREATE TRIGGER generation_written_once BEFORE UPDATE OF {{columns}} ON {_TABLE} FOR EACH ROW
        WHEN ({{differs}}) EXECUTE FUNCTION generation_refuse_change()
        """,
    ],
    "sqlite": [
        f"""
        CREATE TRIGGER generation_written_once BEFORE UPDATE OF {{columns}} ON {_TABLE} WHEN {{differs}}
        BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END
        """
    ],
}
_DIFFERS = {"postgresql": "IS DISTINCT FROM", "sqlite": "IS NOT"}
_REMOVE = {
    "postgresql": [
        f"DROP TRIGGER IF EXISTS generation_written_once ON {_TABLE}",
        "DROP FUNCTION IF EXISTS generation_refuse_change()",
    ],
    "sqlite": ["DROP TRIGGER IF EXISTS generation_written_once"],
}


def install(connection: BaseDatabaseWrapper, columns: Sequence[str] = COLUMNS) -> None:
    """Refuse every change of these columns from now on; the same value written again is none."""
    _law(columns).install(connection)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Allow them."""
    _law(COLUMNS).remove(connection)


def _law(columns: Sequence[str]) -> Law:
    installing = {}
    for vendor, statements in _INSTALL.items():
        differs = " OR ".join(f"OLD.{column} {_DIFFERS[vendor]} NEW.{column}" for column in columns)
        places = {"{columns}": ", ".join(columns), "{differs}": differs}
        installing[vendor] = [_filled(statement, places) for statement in statements]
    return Law(installing, _REMOVE)


def _filled(statement: str, places: Mapping[str, str]) -> str:
    for place, words in places.items():
        statement = statement.replace(place, words)
    return statement
