"""A worker for tests: draws flat pictures, all of them small, in a thread, for whatever comes in."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from django.db import connection

from accounts.ids import uuid7
from generation import lifecycle, storage
from generation.errors import JobEnded
from generation.models import Image, Job


@contextmanager
def painter(folder: Path) -> Iterator[None]:
    """Draw what comes in, in a thread, until the block ends."""
    is_over = threading.Event()

    def paint() -> None:
        while not is_over.wait(0.05):
            for job in claim.jobs if (claim := lifecycle.claim("painter")) else ():
                made = [_picture(job, index, folder) for index in range(job.num_images)]
                with suppress(JobEnded):  # canceled meanwhile
                    lifecycle.finish(job, job.attempt, made)
        connection.close()

    thread = threading.Thread(target=paint)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _picture(job: Job, index: int, folder: Path) -> Image:
    raw = folder / f"{job.pk}-{index}.npy"
    np.save(raw, np.full((32, 32, 3), 20 * index, np.uint8))
    image_id = uuid7()
    files = storage.save(image_id, raw)
    return Image(id=image_id, user_id=job.user_id, job=job, index=index, seed=index, **vars(files))
