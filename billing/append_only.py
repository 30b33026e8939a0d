"""The law that lines of the ledger are written once, as triggers: it binds SQL typed by hand, too.

PostgreSQL's TRUNCATE passes these triggers by, and SQLite's `flush` is our own command (see there), so a test
database can still be emptied.
"""

from accounts.law import Law

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

_LAW = Law(_INSTALL, _REMOVE)
install, remove = _LAW.install, _LAW.remove
