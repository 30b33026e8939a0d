from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from getimg_site import backups
from getimg_site.errors import BackupFailed


class Command(BaseCommand):
    help = "Takes a backup of database, files and keys into a folder, while the site runs; treat it as a secret."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="below it each backup has a folder of its own")
        parser.add_argument("--keep", type=int, default=0, metavar="N", help="remove all but the newest N; 0: none")
        parser.add_argument("--note", action="store_true", help="take none: write down that other tools have")

    def handle(self, *, folder: Path | None, keep: int, note: bool, **options: Any) -> None:
        """Print where it lies."""
        if note == (folder is not None) or keep < 0:
            raise CommandError("Name a folder, or --note alone; --keep is 0 or more.")
        if folder is None:
            backups.note()
            self.stdout.write("Noted.")
            return
        try:
            written = backups.take(folder.resolve(), keep=keep)
        except (BackupFailed, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{written.folder}: {written.files} files, {written.size_bytes} bytes")
