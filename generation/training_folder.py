"""A training's folder: its pictures as the engine reads them; checkpoints, samples and the result are the engine's.

It outlives attempts and workers, and goes with the run's end.
"""

import io
import shutil
import time
import uuid
from pathlib import Path

import numpy as np
from django.conf import settings
from PIL import Image as Pillow

from generation import storage
from generation.engine.scratch import write_picture
from generation.engine.training import TrainingPicture
from generation.errors import SourceGone
from generation.models import CustomModel, Job
from generation.training_recipes import subject_prompt

_OLD_HOURS = 24


def folder_of(job: Job) -> Path:
    """Return the folder of a training."""
    return Path(settings.TRAININGS_DIR) / job.pk.hex


def write_pictures(job: Job, model: CustomModel) -> tuple[TrainingPicture, ...]:
    """Lay the model's pictures out for the engine and return them with their words; transparent places are white.

    Raises: SourceGone where one was deleted; OSError.
    """
    folder = folder_of(job)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for number, picture in enumerate(model.pictures.select_related("upload")):
        path = folder / f"picture-{number}.npy"
        if not path.exists():
            try:
                content = storage.read(picture.upload.file)
            except FileNotFoundError:
                raise SourceGone from None
            write_picture(path, _pixels(content))
        words = subject_prompt(model.subject_class, model.trigger_word, picture.caption)
        pictures.append(TrainingPicture(str(path), words))
    if not pictures:
        raise SourceGone
    return tuple(pictures)


def remove(job: Job) -> None:
    """Remove what a training left; harmless twice."""
    shutil.rmtree(folder_of(job), ignore_errors=True)


def remove_old() -> int:
    """Remove what trainings left that are over, such as those canceled while they waited; returns how many folders."""
    folders = [folder for folder in Path(settings.TRAININGS_DIR).iterdir() if _is_old(folder)]
    active = set(Job.objects.trainings().filter(status__in=Job.ACTIVE).values_list("pk", flat=True))
    over = [folder for folder in folders if uuid.UUID(folder.name) not in active]
    for folder in over:
        shutil.rmtree(folder, ignore_errors=True)
    return len(over)


def _is_old(folder: Path) -> bool:
    try:
        uuid.UUID(folder.name)
        return folder.stat().st_mtime < time.time() - _OLD_HOURS * 3600
    except (ValueError, FileNotFoundError):
        return False


def _pixels(content: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with Pillow.open(io.BytesIO(content), formats=["PNG"]) as picture:
        layer = picture.convert("RGBA")
        ground = Pillow.new("RGBA", layer.size, "white")
        return np.asarray(Pillow.alpha_composite(ground, layer).convert("RGB"), np.uint8)
