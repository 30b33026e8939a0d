from typing import Any

from django.core.management.commands.flush import Command as FlushCommand
from django.db import connections

from accounts import audit_law
from billing import append_only


class Command(FlushCommand):
    help = FlushCommand.help + " The ledger's and audit lines go, too: this is the one way to be rid of them."

    def handle(self, **options: Any) -> None:
        """Empty the database; SQLite does it line by line, which the triggers would refuse."""
        connection = connections[options["database"]]
        if connection.vendor != "sqlite":
            super().handle(**options)
            return
        for law in (append_only, audit_law):
            law.remove(connection)
        try:
            super().handle(**options)
        finally:
            for law in (append_only, audit_law):
                law.install(connection)
