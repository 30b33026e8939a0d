from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from generation import export_worker, model_installs


class Command(BaseCommand):
    help = "Install the model that an operator asked for in the admin, by the install's id; the queue starts this."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("install_id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        export_worker.end_with_parent()
        is_there = model_installs.run(options["install_id"])
        self.stdout.write("installed" if is_there else "not installed")
