import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from generation import export_worker


class Command(BaseCommand):
    help = "Write one export, by its id; the queue starts this by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("export_id", type=uuid.UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        export_worker.end_with_parent()
        is_written = export_worker.write(options["export_id"])
        self.stdout.write("written" if is_written else "nothing to write")
