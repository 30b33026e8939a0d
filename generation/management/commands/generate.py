"""Make a picture from a shell: `manage.py generate "a red fox" --user demo@example.com`.

Edits too: `generate "a hat" --task inpaint --image cat.png --mask hat.png --set feather=4 --user …`.
"""

import sys
import time
import uuid
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from billing.errors import BillingError
from generation import lifecycle, params, progress, uploads
from generation.errors import GenerationError
from generation.models import Job, Upload

_BAR_WIDTH = 30


class Command(BaseCommand):
    help = "Submit a run, wait for it with a progress bar, and print where the pictures are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prompt", nargs="?", default="")
        parser.add_argument("--task", default="text-to-image", choices=list(params.FIELDS))
        for role in ("image", "mask", "strokes"):
            parser.add_argument(f"--{role}", help="a PNG, JPEG or WebP file")
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the task's")
        loras: dict[str, Any] = {
            "action": "append",
            "metavar": "ID[:WEIGHT]",
            "help": "a model of the person's own; up to three",
        }
        parser.add_argument("--lora", dest="loras", **loras)
        parser.add_argument("--user", required=True, help="e-mail address of the person who pays")
        parser.add_argument("--model")
        parser.add_argument("--size", help="such as 128x128")
        parser.add_argument("--num-images", dest="num_images", default="1")
        parser.add_argument("--steps")
        parser.add_argument("--guidance-scale", dest="guidance_scale")
        parser.add_argument("--scheduler")
        parser.add_argument("--seed")
        parser.add_argument("--negative-prompt", dest="negative_prompt")
        parser.add_argument("--timeout", type=float, default=600.0, help="seconds to wait")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["user"].lower()).first()
        if user is None:
            raise CommandError(f"Nobody has the address {options['user']}.")
        try:
            wanted = params.parse(options["task"], _values(user, options), user)
            job = lifecycle.submit(user, wanted, key=uuid.uuid4().hex)
        except (GenerationError, BillingError) as error:
            raise CommandError(str(error)) from error
        self._wait(job, options["timeout"])
        if job.status != Job.Status.FINISHED:
            raise CommandError(f"{job.get_status_display()}: {job.error_message or 'no picture came.'}")
        for image in job.images.order_by("index"):
            self.stdout.write(f"{_location(image.file)}  seed {image.seed}")

    def _wait(self, job: Job, timeout_seconds: float) -> None:
        deadline = time.monotonic() + timeout_seconds
        while job.is_active:
            if time.monotonic() > deadline:
                state = job.get_status_display().lower()
                raise CommandError(f"Still {state} after {timeout_seconds:g} s: run {job.pk}.")
            time.sleep(0.1)
            job.refresh_from_db()
            self._draw(job)
        self.stderr.write("")

    def _draw(self, job: Job) -> None:
        """Draw the bar, on a terminal only."""
        if not sys.stderr.isatty():
            return
        seen = progress.read(job.pk)
        share = 1.0 if not job.is_active else (seen.step / seen.of if seen and seen.of else 0.0)
        bar = ("█" * round(share * _BAR_WIDTH)).ljust(_BAR_WIDTH, "░")
        self.stderr.write(f"\r{bar} {share:4.0%} {job.get_status_display():<12}", ending="")
        self.stderr.flush()


def _values(user: User, options: dict[str, Any]) -> dict[str, Any]:
    """Return the settings under their public names; a file becomes an upload. Raises: PictureRefused, CommandError."""
    values = {name: value for name, value in options.items() if value is not None}
    if options["loras"]:
        values["loras"] = ",".join(options["loras"])
    for setting in options["set"]:
        name, equals, value = setting.partition("=")
        if not equals:
            raise CommandError(f"“{setting}” is not a setting; write it like feather=4.")
        values[name] = value
    for role in ("image", "mask", "strokes"):
        if path := options[role]:
            kind = Upload.Kind.PICTURE if role == "image" else Upload.Kind.MASK
            try:
                values[role] = uploads.keep(user, Path(path).read_bytes(), kind=kind).upload.reference
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}") from error
    return values


def _location(key: str) -> str:
    """Return the file's path, or its key where files are in a bucket."""
    try:
        return default_storage.path(key)
    except NotImplementedError:
        return key
