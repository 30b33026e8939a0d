"""Pictures for tests with real files: stored by the product's own hands, as a worker hands them over."""

from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.storage import default_storage

from accounts.models import User
from billing import ledger, plans
from billing.models import Plan
from generation.models import Image, Job
from generation.storing import Run, Storekeeper
from tests.generation.runs import claim, submit


def put_on(user: User, plan: str) -> None:
    """Put somebody on one of the plans that ship with the project."""
    plans.seed()
    plans.put_on(ledger.wallet_of(user), Plan.objects.get(pk=plan))


def pixels(seed: int = 7, side: int = 96) -> np.ndarray:
    """Return a picture's pixels, shape (side, side, 3), uint8."""
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def draw(user: User, **values: Any) -> Image:
    """Return a picture that was made now, with its files, its run and its owner."""
    submit(user, **values)
    return stored(claim().jobs[0])


def stored(job: Job) -> Image:
    """Return the picture of a claimed run of one, stored as the worker would store it."""
    run = Run(job, job.attempt, Path(settings.SCRATCH_DIR) / job.pk.hex / "1", {0})
    run.scratch.mkdir(parents=True)
    np.save(run.scratch / "0.npy", pixels())
    Storekeeper()._store(run, 0, run.scratch / "0.npy")
    return Image.objects.select_related("job", "user").get(job=job)


def content(image: Image) -> bytes:
    """Return the original's file."""
    with default_storage.open(image.file) as file:
        return bytes(file.read())
