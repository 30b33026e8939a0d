"""Lays a run's input pictures out for the engine: raw arrays in the attempt's scratch folder, at their own size.

Runs in the worker before a pass, never inside a transaction. What each role's array looks like: `engine.options`.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from generation import storage
from generation.engine.options import GREY_ROLES
from generation.engine.protocol import Input
from generation.errors import SourceGone
from generation.models import Job, JobInput


def write(job: Job, folder: Path) -> tuple[Input, ...]:
    """Write what the job begins from and return it, in the order of its roles as they were sent.

    Raises: SourceGone where a picture is there no more; OSError.
    """
    if "pictures" not in job.params:
        return ()
    inputs = job.inputs.select_related("image", "upload").order_by("pk")
    return tuple(_write(one, folder) for one in inputs)


def _write(one: JobInput, folder: Path) -> Input:
    source = one.upload or one.image
    if source is None:
        raise SourceGone
    try:
        content = storage.read(source.file)
    except FileNotFoundError:
        raise SourceGone from None
    path = folder / f"input-{one.role}.npy"
    np.save(path, _pixels(content, one.role), allow_pickle=False)
    return Input(one.role, str(path))


def _pixels(content: bytes, role: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return the array of a file of our own making."""
    with Pillow.open(io.BytesIO(content), formats=["PNG"]) as picture:
        if role in GREY_ROLES:
            return np.asarray(picture.convert("L"), np.uint8)
        return np.asarray(picture.convert("RGBA" if picture.has_transparency_data else "RGB"), np.uint8)
