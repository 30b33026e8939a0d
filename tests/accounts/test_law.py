"""A law comes into force and goes, on either database; those of the ledger, pictures and the audit are made so."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.law import Law

pytestmark = pytest.mark.django_db

_INSTALL = {
    "sqlite": ["CREATE TRIGGER no_more BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no more'); END"],
    "postgresql": [
        """
        CREATE FUNCTION refuse_more() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no more' USING ERRCODE = 'integrity_constraint_violation'; END $$
        """,
        "CREATE TRIGGER no_more BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_more()",
    ],
}
_REMOVE = {
    "sqlite": ["DROP TRIGGER IF EXISTS no_more"],
    "postgresql": ["DROP TRIGGER IF EXISTS no_more ON {table}", "DROP FUNCTION IF EXISTS refuse_more()"],
}
_TABLE = "django_session"


def law() -> Law:
    installing, removing = (
        {vendor: [one.replace("{table}", _TABLE) for one in statements] for vendor, statements in each.items()}
        for each in (_INSTALL, _REMOVE)
    )
    return Law(installing, removing)


def insert(key: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        values = [key, "", "2027-01-01 00:00:00+00:00"]
        cursor.execute(f"INSERT INTO {_TABLE} VALUES (%s, %s, %s)", values)


def test_it_binds_while_it_is_in_force() -> None:
    insert("before")

    law().install(connection)
    with pytest.raises(IntegrityError, match="no more"):
        insert("meanwhile")

    for _ in range(2):
        law().remove(connection)
    insert("after")
