from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from getimg_site import backups
from getimg_site.errors import BackupFailed


class Command(BaseCommand):
    help = "Brings a backup back into an empty database, brings the tables up to this release and audits the books."
    requires_system_checks: list[str] = []  # some ask for tables

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, help="the folder of one backup")

    def handle(self, *, backup: Path, **options: Any) -> None:
        """Fail where the books of what was restored are wrong, too."""
        try:
            files = backups.restore(backup.resolve())
        except (BackupFailed, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{files} files are there.")
        call_command("migrate", verbosity=0, stdout=self.stdout)
        call_command("ledger_audit", stdout=self.stdout)
        self.stdout.write("Erase again who was erased since the backup (docs/operations.md), then start the site.")
