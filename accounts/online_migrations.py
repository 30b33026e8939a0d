"""Operations that add indexes and constraints to tables in use: on PostgreSQL whoever writes there goes on meanwhile.

What belongs here: what Django's own operations do, by PostgreSQL's slower ways that lock no table for as long as they
read it. Elsewhere they are Django's own. A migration with one of them says `atomic = False`; broken off in the middle
it is begun again: what it left is taken away first.
"""

from django.db import NotSupportedError, migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class AddIndexOnline(migrations.AddIndex):
    """Build an index while rows of its table are written. Raises: NotSupportedError in a transaction."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Build it; on PostgreSQL concurrently."""
        if not _is_online(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
        model = to_state.apps.get_model(app_label, self.model_name)
        _create(schema_editor, str(self.index.create_sql(model, schema_editor)))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Take it away; on PostgreSQL concurrently."""
        if not _is_online(schema_editor):
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")


class AddConstraintOnline(migrations.AddConstraint):
    """Add a check or a uniqueness while rows of its table are written; new rows are held to it at once.

    Raises: NotSupportedError in a transaction; IntegrityError where a row there is against it.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Add it; on PostgreSQL a check not valid and then validated, a uniqueness by an index built concurrently."""
        if not _is_online(schema_editor):
            with transaction.atomic(schema_editor.connection.alias):  # SQLite copies the table
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        table, name = schema_editor.quote_name(model._meta.db_table), schema_editor.quote_name(self.constraint.name)
        schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        sql = str(self.constraint.create_sql(model, schema_editor))
        if isinstance(self.constraint, models.CheckConstraint):
            schema_editor.execute(f"{sql} NOT VALID", params=None)
            schema_editor.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
            return
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        # Django writes a uniqueness of plain fields as a constraint, one with a condition or expressions as an index.
        _create(
            schema_editor,
            sql.replace(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE", f"CREATE UNIQUE INDEX {name} ON {table}"),
        )
        if sql.startswith("ALTER TABLE"):
            schema_editor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE USING INDEX {name}")


def _is_online(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    if schema_editor.connection.vendor != "postgresql":
        return False
    if schema_editor.connection.in_atomic_block:
        raise NotSupportedError(
            "An index is built online outside of transactions: say atomic = False in the migration."
        )
    return True


def _create(schema_editor: BaseDatabaseSchemaEditor, sql: str) -> None:
    """Run a CREATE INDEX as Django writes it, concurrently. Raises: NotSupportedError for what is none."""
    before, word, after = sql.partition("INDEX ")
    if before not in ("CREATE ", "CREATE UNIQUE "):
        raise NotSupportedError(f"No index: {sql}")
    schema_editor.execute(f"{before}{word}CONCURRENTLY {after}", params=None)
