"""Lays a run's LoRAs out for the engine: each as a file on this machine, with the checksum that it must have.

Runs in the worker before a pass, never inside a transaction. Where files are in a bucket, a copy is kept beside the
scratch folders as long as it is used (`housekeeping.remove_old_scratch`, `model_leftovers`).
"""

import os
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from generation.engine.protocol import Lora
from generation.errors import LoraGone
from generation.models import CustomModel, Job

COPY_PREFIX = "lora-"


def lay_out(job: Job) -> tuple[Lora, ...]:
    """Return what the job draws with. Raises: LoraGone where a model was deleted since; OSError."""
    return tuple(_lay_out(used) for used in job.params.get("loras", ()))


def _lay_out(used: dict[str, str | float]) -> Lora:
    model = CustomModel.objects.filter(pk=str(used["id"]), state=CustomModel.State.READY, sha256=used["sha256"]).first()
    if model is None:
        raise LoraGone
    return Lora(str(_on_this_machine(model)), model.sha256, float(used["weight"]))


def _on_this_machine(model: CustomModel) -> Path:
    try:
        return Path(default_storage.path(model.weights))
    except NotImplementedError:
        return _copy(model)


def _copy(model: CustomModel) -> Path:
    """Return the copy of a file in a bucket; the engine looks at its checksum, so a name is all that is looked at."""
    folder = Path(settings.SCRATCH_DIR) / f"{COPY_PREFIX}{model.sha256}"
    path = folder / "lora.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    if path.is_file():
        os.utime(folder)  # what is used stays
        return path
    part = folder / f"{os.getpid()}.part"
    try:
        with default_storage.open(model.weights) as content:
            part.write_bytes(content.read())
    except FileNotFoundError:
        raise LoraGone from None
    part.replace(path)
    return path
