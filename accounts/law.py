"""A law that the database itself keeps, as triggers: it binds SQL typed by hand, too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

# Database vendor → statements.
Statements = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Law:
    """How a law comes into force on each kind of database, and how it goes."""

    installing: Statements
    removing: Statements

    def install(self, connection: BaseDatabaseWrapper) -> None:
        """Let it bind every statement from now on."""
        _execute(connection, self.installing)

    def remove(self, connection: BaseDatabaseWrapper) -> None:
        """Let it bind nobody any more; one that is not in force may be removed too."""
        _execute(connection, self.removing)


def _execute(connection: BaseDatabaseWrapper, statements: Statements) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
