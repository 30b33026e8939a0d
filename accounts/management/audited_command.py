"""The net under Django's commands about people: whom they make or change leaves an audit line."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models.signals import post_save

from accounts import audit
from accounts.models import User


class AuditedCommand(BaseCommand):
    """Put before a command of Django's. Adds nothing that is seen."""

    verb: str

    def execute(self, *arguments: Any, **options: Any) -> str | None:
        """Run the command; each person whom it saves is a line."""
        post_save.connect(self._write_line, sender=User)
        try:
            return super().execute(*arguments, **options)
        finally:
            post_save.disconnect(self._write_line, sender=User)

    def _write_line(self, *, instance: User, **_: Any) -> None:
        audit.write_of_command(self.verb, instance, f"manage.py {self.__module__.rpartition('.')[2]}")
