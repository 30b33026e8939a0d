"""Migrations only add, for the release before serves while they run and may be gone back to (docs/operations.md).

What nothing reads any more is taken away one release later, by a migration that is named in `CONTRACTIONS`.
"""

from collections.abc import Iterator, Sequence

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

# Of each app, the last migration from before this rule.
BASELINE = {"accounts": "0013", "billing": "0017", "generation": "0039", "getimg_site": "0006"}
# app.migration → why nothing of the last release reads what it takes away.
CONTRACTIONS: dict[str, str] = {}
_TAKES_AWAY = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
_WORDS = ("DROP TABLE", "DROP COLUMN", "RENAME ", "SET NOT NULL")


def contractions(operations: Sequence[Operation]) -> Iterator[str]:
    """Yield what an older release would miss, or could not write any more."""
    for operation in operations:
        match operation:
            case migrations.SeparateDatabaseAndState():
                yield from contractions(operation.database_operations)
            case migrations.RunSQL(sql=sql):
                yield from (f"RunSQL: {word}" for word in _WORDS if word in str(sql).upper())
            case migrations.AddField(field=field) if not _may_be_left_out(field):
                yield f"AddField without null or db_default: {operation.name}"
            case migrations.AlterField(field=field) if not _may_be_left_out(field):
                yield f"AlterField to what must be given: {operation.name}"
            case operation if isinstance(operation, _TAKES_AWAY):
                yield operation.describe()


def _may_be_left_out(field: models.Field[object, object]) -> bool:
    """Return whether a release that does not know the column can write a row: `default` is not the table's."""
    return field.null or field.many_to_many or field.has_db_default()


def test_migrations_take_nothing_away_that_the_last_release_reads() -> None:
    loader = MigrationLoader(None)
    found = [
        f"{app}.{name}: {what}"
        for (app, name), migration in loader.disk_migrations.items()
        if app in BASELINE and name[:4] > BASELINE[app] and f"{app}.{name}" not in CONTRACTIONS
        for what in contractions(migration.operations)
    ]
    assert not found, "; ".join(found)
    assert set(BASELINE) <= {app for app, _ in loader.disk_migrations}


@pytest.mark.parametrize(
    ("operation", "is_contraction"),
    [
        (migrations.RemoveField("job", "slot"), True),
        (migrations.RenameField("job", "slot", "place"), True),
        (migrations.DeleteModel("Job"), True),
        (migrations.RunSQL("ALTER TABLE generation_job DROP COLUMN slot"), True),
        (migrations.SeparateDatabaseAndState(database_operations=[migrations.DeleteModel("Job")]), True),
        (migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Job")]), False),
        (migrations.AddField("job", "slot", models.IntegerField(default=0)), True),
        (migrations.AddField("job", "slot", models.IntegerField(db_default=0)), False),
        (migrations.AddField("job", "slot", models.IntegerField(null=True)), False),
        (migrations.AlterField("job", "slot", models.IntegerField()), True),
        (migrations.AlterField("job", "slot", models.IntegerField(null=True)), False),
        (migrations.CreateModel("Job", [("id", models.BigAutoField(primary_key=True))]), False),
        (migrations.RunSQL("CREATE INDEX a ON generation_job (slot)"), False),
    ],
)
def test_a_contraction_is_recognised(operation: Operation, is_contraction: bool) -> None:
    assert bool(list(contractions([operation]))) is is_contraction
