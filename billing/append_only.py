"""The law that lines of the ledger are written once, as triggers: it binds SQL typed by hand, too.

PostgreSQL's TRUNCATE passes these triggers by, and SQLite's `flush` is our own command (see there), so a test
database can still be emptied.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

_MESSAGE = "The ledger is append-only: a correction is a new line."

_INSTALL = {
    "postgresql": [
        f"""
        CREATE OR REPLACE FUNCTION billing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$
        """,
        """
        CREATE TRIGGER billing_append_only BEFORE UPDATE OR DELETE ON billing_ledgerentry
        FOR EACH ROW EXECUTE FUNCTION billing_refuse_change()
        """,
    ],
    "sqlite": [
        f"""
        CREATE TRIGGER billing_append_only_{verb.lower()} BEFORE {verb} ON billing_ledgerentry
        BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END
        """
        for verb in ("UPDATE", "DELETE")
    ],
}
_REMOVE = {
    "postgresql": [
        "DROP TRIGGER IF EXISTS billing_append_only ON billing_ledgerentry",
        "DROP FUNCTION IF EXISTS billing_refuse_change()",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS billing_append_only_update",
        "DROP TRIGGER IF EXISTS billing_append_only_delete",
    ],
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Refuse every change and deletion of a line from now on."""
    _execute(connection, _INSTALL)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Allow them."""
    _execute(connection, _REMOVE)


def _execute(connection: BaseDatabaseWrapper, statements: dict[str, list[str]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
