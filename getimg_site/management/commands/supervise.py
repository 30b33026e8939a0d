"""Run one queue cluster under supervision: `manage.py supervise gpu`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation import catalog, checksums, doorbell
from generation.catalog_tools import UPSCALER_SLUG
from getimg_site import schedules
from getimg_site.supervisor import Supervisor


class Command(BaseCommand):
    help = "Keep a queue cluster (default, gpu or training) alive and progressing, and bring lost runs back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cluster", choices=["default", "gpu", "training"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cluster"] == "default":
            schedules.seed()
        draws = options["cluster"] in (doorbell.CLUSTER, doorbell.TRAINING_CLUSTER)
        if draws and settings.ENGINE_BACKEND == "diffusers":
            _refuse_damaged_weights()
        Supervisor(options["cluster"]).run()


def _refuse_damaged_weights() -> None:
    """Every picture would fail with the same reason; at the start the one who can mend it is looking."""
    for model in (catalog.MODELS[catalog.DEFAULT_SLUG], catalog.MODELS[UPSCALER_SLUG]):
        try:
            checksums.verify_checksums(model.folder)
        except checksums.DamagedWeights as error:
            raise CommandError(f"{model.name}, which ships with the studio, is damaged: {error}") from error
