"""The raw pixels that cross between the engine and the worker: pictures to begin from, pictures that were drawn."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np

from generation.engine.backend import Pixels

PART_SUFFIX = ".part"


def read_input(path: Path) -> Pixels:
    """Return a picture to begin from: (height, width, 3 or 4) uint8, or (height, width) of a mask.

    Raises: OSError, ValueError for a file that is not such an array.
    """
    pixels: Pixels = np.load(path, allow_pickle=False)
    if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))):
        raise ValueError(f"{pixels.dtype} of shape {pixels.shape} is not a picture")
    return pixels


def write_picture(path: Path, pixels: Pixels) -> None:
    """Write (height, width, 3 or 4) uint8 pixels, or a video's frames of them, as `.npy`.

    The file appears under its name only when it is whole.

    Raises: OSError, with its errno.
    """
    # numpy writes straight to a file with fwrite and then loses the errno that tells a full disk from the rest.
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(pixels), allow_pickle=False)
    part = path.with_name(path.name + PART_SUFFIX)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.write_bytes(buffer.getbuffer())
        os.replace(part, path)  # noqa: PTH105 - the same call, and it says what it does to a file that is there
    except OSError:
        part.unlink(missing_ok=True)
        raise
