from typing import Any

from django.core.management.commands.flush import Command as FlushCommand
from django.db import connections

from billing import append_only


class Command(FlushCommand):
    help = FlushCommand.help + " The ledger's lines go, too: this is the one way to be rid of them."

    def handle(self, **options: Any) -> None:
        """Empty the database; SQLite does it line by line, which the ledger's triggers would refuse."""
        connection = connections[options["database"]]
        if connection.vendor != "sqlite":
            super().handle(**options)
            return
        append_only.remove(connection)
        try:
            super().handle(**options)
        finally:
            append_only.install(connection)
