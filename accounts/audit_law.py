"""The law that an audit line is written once, as triggers: it binds SQL typed by hand, too.

One thing is allowed afterwards: to empty its texts when somebody is erased. Who (as an id), when, what and to which row
stay. PostgreSQL's TRUNCATE passes the triggers by, and SQLite's `flush` is our own command (billing's).
"""

from accounts.law import Law

_MESSAGE = "Audit lines are append-only: only their texts may be emptied."
_KEPT = ("id", "at", "actor", "verb", "kind", "object_id")
_TEXTS = {"address": "''", "object_text": "''", "note": "''", "changes": "'{}'"}


def _is_emptied() -> str:
    kept = [f"NEW.{column} = OLD.{column}" for column in _KEPT]
    texts = [f"NEW.{column} IN (OLD.{column}, {empty})" for column, empty in _TEXTS.items()]
    return " AND ".join(kept + texts)


_INSTALL = {
    "postgresql": [
        f"""
        CREATE OR REPLACE FUNCTION accounts_refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF TG_OP = 'UPDATE' THEN IF {_is_emptied()} THEN RETURN NEW; END IF; END IF;
            RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        """
        CREATE TRIGGER accounts_audit_append_only BEFORE UPDATE OR DELETE ON accounts_auditline
        FOR EACH ROW EXECUTE FUNCTION accounts_refuse_audit_change()
        """,
    ],
    "sqlite": [
        f"""
        CREATE TRIGGER accounts_audit_append_only_update BEFORE UPDATE ON accounts_auditline
        WHEN NOT ({_is_emptied()}) BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END
        """,
        f"""
        CREATE TRIGGER accounts_audit_append_only_delete BEFORE DELETE ON accounts_auditline
        BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END
        """,
    ],
}
_REMOVE = {
    "postgresql": [
        "DROP TRIGGER IF EXISTS accounts_audit_append_only ON accounts_auditline",
        "DROP FUNCTION IF EXISTS accounts_refuse_audit_change()",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS accounts_audit_append_only_update",
        "DROP TRIGGER IF EXISTS accounts_audit_append_only_delete",
    ],
}

_LAW = Law(_INSTALL, _REMOVE)
install, remove = _LAW.install, _LAW.remove
