"""The law that a picture's licence and checksum are written once, as triggers: it binds SQL typed by hand, too.

What a picture may be used for is promised when it is made. A plan that lapses, a catalogue that changes or a slip in
the admin cannot take the promise back, nor give more than was paid for.
"""

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

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
    unlike = _DIFFERS[connection.vendor]
    differs = " OR ".join(f"OLD.{column} {unlike} NEW.{column}" for column in columns)
    with connection.cursor() as cursor:
        for statement in _INSTALL[connection.vendor]:
            cursor.execute(statement.replace("{columns}", ", ".join(columns)).replace("{differs}", differs))


def remove(connection: BaseDatabaseWrapper) -> None:
    """Allow them."""
    with connection.cursor() as cursor:
        for statement in _REMOVE[connection.vendor]:
            cursor.execute(statement)
