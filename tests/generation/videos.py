"""Videos for tests with real files: stored by the product's own hands, as a worker hands them over."""

import uuid
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from accounts.models import User
from generation import lifecycle, params
from generation.models import Clip, Image, Job
from generation.storing import Run, Storekeeper
from tests.generation.runs import claim
from tests.generation.uploads import brought


def frames(count: int = 8, width: int = 64, height: int = 48) -> np.ndarray:
    """Return a bright square that goes over a dark ground: (count, height, width, 3), uint8."""
    video = np.full((count, height, width, 3), 40, np.uint8)
    for index, frame in enumerate(video):
        frame[10:30, index * 3 : index * 3 + 20] = (220, 120, 30)
    return video


def submit_video(user: User, **values: Any) -> Job:
    """Send the form of a video; of a picture that was brought along, where none is named."""
    values.setdefault("image", brought(user).reference)
    wanted = params.parse("image-to-video", values, user)
    return lifecycle.submit(user, wanted, key=uuid.uuid4().hex)


def claimed(job: Job) -> Run:
    """Return the run as the worker has it that took it."""
    (taken,) = claim().jobs
    assert taken.pk == job.pk
    run = Run(taken, taken.attempt, Path(settings.SCRATCH_DIR) / job.pk.hex / str(taken.attempt), {0})
    run.scratch.mkdir(parents=True)
    return run


def store(run: Run, video: np.ndarray | None = None) -> None:
    """Hand a run's video over to be stored, as the worker does."""
    raw = run.scratch / "0.npy"
    np.save(raw, frames() if video is None else video)
    Storekeeper()._store(run, 0, raw)


def make_video(user: User, **values: Any) -> Image:
    """Return a video that was made now: its poster, with its files, its run and its owner."""
    job = submit_video(user, **values)
    store(claimed(job))
    return Image.objects.select_related("job", "user", "clip").get(job=job)


def clip_of(image: Image) -> Clip:
    """Return a picture's video; it must have one."""
    assert image.video is not None
    return image.video
