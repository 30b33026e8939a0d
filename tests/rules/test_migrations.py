"""Migrations only add, for the release before serves while they run and may be gone back to (docs/operations.md).

What nothing reads any more is taken away one release later, by a migration that is named in `CONTRACTIONS`.
Indexes and constraints of a table that is there already come by `accounts.online_migrations`, which lock it for nobody
who writes; a table that the migration makes itself is empty.
"""

from collections.abc import Iterator, Sequence

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from accounts.online_migrations import AddConstraintOnline, AddIndexOnline

# Of each app, the last migration from before this rule.
BASELINE = {"accounts": "0013", "billing": "0017", "generation": "0039", "getimg_site": "0006"}
# app.migration → why nothing of the last release reads what it takes away.
CONTRACTIONS: dict[str, str] = {}
# app.migration → why nobody waits for the lock while PostgreSQL reads the table.
LOCKS = {"generation.0040_reports_once_a_place": "reports are few, and were there before this rule"}
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


def locks(operations: Sequence[Operation], *, is_atomic: bool) -> Iterator[str]:
    """Yield what reads a whole table that was there before, on PostgreSQL, while nobody may write to it."""
    made = {one.name_lower for one in operations if isinstance(one, migrations.CreateModel)}
    yield from _locks(operations, made, is_atomic=is_atomic)


def _locks(operations: Sequence[Operation], made: set[str], *, is_atomic: bool) -> Iterator[str]:
    for operation in operations:
        match operation:
            case migrations.SeparateDatabaseAndState():
                yield from _locks(operation.database_operations, made, is_atomic=is_atomic)
            case AddIndexOnline() | AddConstraintOnline():
                if is_atomic:
                    yield f"{operation.describe()}: say atomic = False"
            case migrations.AddIndex() | migrations.AddConstraint() if operation.model_name_lower not in made:
                yield f"{operation.describe()}: {type(operation).__name__}Online does"
            case migrations.AddField(field=field) | migrations.AlterField(field=field) if (
                (getattr(field, "db_index", False) or field.unique)
                and not field.many_to_many
                and operation.model_name_lower not in made
            ):
                yield f"{operation.describe()}: leave db_index and unique out, and add them by AddIndexOnline"
            case migrations.AlterUniqueTogether() if operation.name_lower not in made:
                yield f"{operation.describe()}: AddConstraintOnline does"
            case migrations.RunSQL(sql=sql):
                text = str(sql).upper()
                if "INDEX " in text.partition("CREATE ")[2] and " CONCURRENTLY " not in text:
                    yield "RunSQL: CREATE INDEX without CONCURRENTLY"
                if " ADD CONSTRAINT " in text and "NOT VALID" not in text and "USING INDEX" not in text:
                    yield "RunSQL: ADD CONSTRAINT without NOT VALID"


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


def test_no_table_in_use_is_locked_while_it_is_read() -> None:
    loader = MigrationLoader(None)
    found = {
        f"{app}.{name}": list(locks(migration.operations, is_atomic=migration.atomic))
        for (app, name), migration in loader.disk_migrations.items()
        if app in BASELINE and name[:4] > BASELINE[app]
    }
    assert {name: what for name, what in found.items() if what and name not in LOCKS} == {}
    assert all(found[name] for name in LOCKS)


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


_INDEX, _CHECK = models.Index(fields=["slot"], name="a"), models.CheckConstraint(condition=models.Q(slot=1), name="b")
_OTHER = migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))])
_JOB = migrations.CreateModel("Job", [("id", models.BigAutoField(primary_key=True))])


@pytest.mark.parametrize(
    ("operations", "is_atomic", "does_lock"),
    [
        ([migrations.AddIndex("job", _INDEX)], True, True),
        ([migrations.AddIndex("job", _INDEX)], False, True),
        ([migrations.AddConstraint("job", _CHECK)], True, True),
        ([_OTHER, migrations.AddIndex("job", _INDEX)], True, True),
        ([_JOB, migrations.AddIndex("job", _INDEX), migrations.AddConstraint("Job", _CHECK)], True, False),
        ([AddIndexOnline("job", _INDEX), AddConstraintOnline("job", _CHECK)], False, False),
        ([AddIndexOnline("job", _INDEX)], True, True),
        ([migrations.AddField("job", "slot", models.IntegerField(null=True))], True, False),
        ([migrations.AddField("job", "slot", models.IntegerField(null=True, db_index=True))], True, True),
        ([migrations.AddField("job", "slot", models.IntegerField(null=True, unique=True))], True, True),
        ([migrations.AddField("job", "of", models.ForeignKey("Other", models.CASCADE, null=True))], True, True),
        ([migrations.AddField("job", "tags", models.ManyToManyField("Other"))], True, False),
        ([migrations.AlterUniqueTogether("job", {("slot", "id")})], True, True),
        ([migrations.SeparateDatabaseAndState([migrations.AddIndex("job", _INDEX)])], True, True),
        ([migrations.SeparateDatabaseAndState(state_operations=[migrations.AddIndex("job", _INDEX)])], True, False),
        ([migrations.RunSQL("CREATE UNIQUE INDEX a ON generation_job (slot)")], True, True),
        ([migrations.RunSQL("CREATE INDEX CONCURRENTLY a ON generation_job (slot)")], False, False),
        ([migrations.RunSQL("ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0)")], True, True),
        ([migrations.RunSQL("ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0) NOT VALID")], True, False),
    ],
)
def test_a_lock_is_recognised(operations: list[Operation], is_atomic: bool, does_lock: bool) -> None:
    assert bool(list(locks(operations, is_atomic=is_atomic))) is does_lock
