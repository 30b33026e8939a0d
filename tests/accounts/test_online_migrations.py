"""Indexes and constraints come to tables in use, can be begun again, and hold on SQLite, too."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, NotSupportedError, connection, migrations, models, transaction
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.test.utils import CaptureQueriesContext

from accounts.online_migrations import AddConstraintOnline, AddIndexOnline

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "accounts_shelf"
FIELDS: list[tuple[str, models.Field[Any, Any]]] = [
    ("id", models.BigAutoField(primary_key=True)),
    ("place", models.IntegerField()),
    ("kind", models.CharField(max_length=8, db_default="")),
]
INDEX = models.Index(fields=["place", "-id"], name="shelf_by_place", condition=~models.Q(kind=""))
CHECK = models.CheckConstraint(condition=models.Q(place__gte=0) & ~models.Q(kind="100%"), name="shelf_place")
UNIQUE = models.UniqueConstraint(fields=["place", "kind"], name="shelf_once")
UNIQUE_WHERE = models.UniqueConstraint(fields=["place"], condition=models.Q(kind="a"), name="shelf_once_where")
OPERATIONS: dict[str, Operation] = {
    "index": AddIndexOnline("shelf", INDEX),
    "check": AddConstraintOnline("shelf", CHECK),
    "unique": AddConstraintOnline("shelf", UNIQUE),
    "unique where": AddConstraintOnline("shelf", UNIQUE_WHERE),
}
# What goes in before, and what then may not.
AGAINST = {"check": ("(1, 'a')", "(-1, 'a')"), "unique": ("(1, 'b')",) * 2, "unique where": ("(1, 'a')",) * 2}


@pytest.fixture
def shelves() -> Iterator[ProjectState]:
    """Make a table and return the state of a project that has it."""
    state = ProjectState()
    before = state.clone()
    creating = migrations.CreateModel("Shelf", FIELDS)
    creating.state_forwards("accounts", state)
    with connection.schema_editor() as editor:
        creating.database_forwards("accounts", editor, before, state)
    yield state
    with connection.schema_editor() as editor:
        creating.database_backwards("accounts", editor, state, before)


def run(operation: Operation, state: ProjectState, *, is_atomic: bool = False) -> ProjectState:
    """Do what a migration does, and return the state after it."""
    after = state.clone()
    operation.state_forwards("accounts", after)
    with connection.schema_editor(atomic=is_atomic) as editor:
        operation.database_forwards("accounts", editor, state, after)
    return after


def insert(values: str) -> None:
    """Write a row past Django."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (place, kind) VALUES {values}")


def names() -> set[str]:
    """Return the indexes and constraints of the table that have one of our names."""
    with connection.cursor() as cursor:
        return {name for name in connection.introspection.get_constraints(cursor, TABLE) if name.startswith("shelf_")}


@pytest.mark.parametrize("which", OPERATIONS)
def test_it_comes_and_goes(shelves: ProjectState, which: str) -> None:
    operation = OPERATIONS[which]

    after = run(operation, shelves)
    made = names()
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("accounts", editor, after, shelves)

    assert len(made) == 1
    assert names() == set()


@pytest.mark.parametrize("which", AGAINST)
def test_rows_are_held_to_it(shelves: ProjectState, which: str) -> None:
    first, against = AGAINST[which]
    insert(first)
    run(OPERATIONS[which], shelves)

    insert("(2, 'a')")
    with pytest.raises(IntegrityError):
        insert(against)


@pytest.mark.parametrize("which", AGAINST)
def test_where_rows_are_against_it_that_is_said_and_it_can_be_begun_again(shelves: ProjectState, which: str) -> None:
    for values in AGAINST[which]:
        insert(values)
    with pytest.raises(IntegrityError):
        run(OPERATIONS[which], shelves)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE id = (SELECT max(id) FROM {TABLE})")

    run(OPERATIONS[which], shelves)

    with pytest.raises(IntegrityError):
        insert(AGAINST[which][1])


@pytest.mark.postgres
@pytest.mark.parametrize("which", OPERATIONS)
def test_no_statement_locks_the_table_while_it_reads_it(shelves: ProjectState, which: str) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        run(OPERATIONS[which], shelves)
        run(OPERATIONS[which], shelves)  # begun again after it was whole

    for query in queries:
        sql = query["sql"]
        assert " INDEX " not in sql or " CONCURRENTLY " in sql or "USING INDEX" in sql
        assert " CHECK " not in sql or sql.endswith("NOT VALID")
        assert " ADD CONSTRAINT " not in sql or "USING INDEX" in sql or sql.endswith("NOT VALID")


@pytest.mark.postgres
@pytest.mark.parametrize("which", OPERATIONS)
def test_a_migration_in_a_transaction_is_refused(shelves: ProjectState, which: str) -> None:
    with pytest.raises(NotSupportedError, match="atomic = False"), transaction.atomic():
        run(OPERATIONS[which], shelves, is_atomic=True)

    assert names() == set()
