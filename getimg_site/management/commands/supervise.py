"""Run one queue cluster under supervision: `manage.py supervise gpu`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from getimg_site import schedules
from getimg_site.supervisor import Supervisor


class Command(BaseCommand):
    help = "Keep a queue cluster (default or gpu) alive and progressing, and bring lost runs back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cluster", choices=["default", "gpu"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cluster"] == "default":
            schedules.seed()
        Supervisor(options["cluster"]).run()
