"""A training's folder: its pictures as the engine reads them; checkpoints, samples and the result are the engine's.

It outlives attempts and workers, and goes with the run's end.
"""

import io
import math
import shutil
import time
import uuid
from datetime import timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.utils import timezone
from PIL import Image as Pillow

from generation import storage
from generation.engine.scratch import write_picture
from generation.engine.training import TrainingPicture
from generation.errors import SourceGone
from generation.models import CustomModel, Job
from generation.training_recipes import subject_prompt

_UNKNOWN_HOURS = 24
_WORKER_MINUTES = 10


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
    """Remove what trainings left that are over, such as those canceled while they waited; returns how many folders.

    Where a worker may still be at it, or no training is known, a while is waited for.
    """
    folders = {pk: folder for folder in _folders() if (pk := _job_id(folder))}
    jobs = Job.objects.in_bulk(list(folders))
    over = [folder for pk, folder in folders.items() if _is_over(jobs.get(pk), folder)]
    for folder in over:
        shutil.rmtree(folder, ignore_errors=True)
    return len(over)


def _folders() -> list[Path]:
    root = Path(settings.TRAININGS_DIR)
    return list(root.iterdir()) if root.is_dir() else []


def _job_id(folder: Path) -> uuid.UUID | None:
    try:
        return uuid.UUID(folder.name)
    except ValueError:
        return None


def _is_over(job: Job | None, folder: Path) -> bool:
    if job is None:
        return _changed_at(folder) < time.time() - _UNKNOWN_HOURS * 3600
    if job.is_active or job.finished_at is None:
        return False
    # Canceled while nobody was at it; else the worker notices within a second, and removes it itself unless it died.
    return not job.claimed_by or job.finished_at < timezone.now() - timedelta(minutes=_WORKER_MINUTES)


def _changed_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return math.inf  # another sweep was faster


def _pixels(content: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with Pillow.open(io.BytesIO(content), formats=["PNG"]) as picture:
        layer = picture.convert("RGBA")
        ground = Pillow.new("RGBA", layer.size, "white")
        return np.asarray(Pillow.alpha_composite(ground, layer).convert("RGB"), np.uint8)
