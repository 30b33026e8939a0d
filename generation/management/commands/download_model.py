"""Fetch a model of the catalogue: `manage.py download_model stable-diffusion-xl`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from generation import catalog, downloads
from generation.errors import ModelUnknown


class Command(BaseCommand):
    help = "Fetch a model's safetensors from the hub, record its commit and checksums, and pin them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", help="without it, the catalogue is listed")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["slug"]:
            return self._list()
        try:
            model = catalog.find(options["slug"]).model
        except ModelUnknown as error:
            raise CommandError(str(error)) from error
        if not model.hub_id:
            raise CommandError(f"{model.name} ships with the studio; there is nothing to fetch.")
        try:
            installed = downloads.download(model, self._report)
        except (downloads.NoSafetensors, downloads.ChecksumMismatch) as error:
            raise CommandError(str(error)) from error
        except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
            raise CommandError(f"{model.hub_id} could not be fetched: {error}") from error
        self.stdout.write(f"{model.name} is installed and pinned to commit {installed.revision}.")
        self.stdout.write(f"{installed.size_bytes / 1e9:.1f} GB in {model.folder}. Licence: {model.licence.name}.")
        return None

    def _list(self) -> None:
        for model in catalog.MODELS.values():
            state = "installed" if model.is_installed else "not installed"
            self.stdout.write(f"{model.slug:<24} {state:<14} {model.licence.name:<26} {model.hub_id}")

    def _report(self, done: int, of: int, name: str) -> None:
        self.stdout.write(f"{done}/{of} {name}")
        if sys.stdout.isatty():
            self.stdout.flush()
