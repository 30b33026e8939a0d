"""Write the raw pixels that cross from the engine to the worker."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np

from generation.engine.backend import Pixels

PART_SUFFIX = ".part"


def write_picture(path: Path, pixels: Pixels) -> None:
    """Write (height, width, 3) uint8 pixels as `.npy`; the file appears under its name only when it is whole.

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
