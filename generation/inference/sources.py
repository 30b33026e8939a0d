"""The pictures that a pass begins from."""

from __future__ import annotations

from pathlib import Path

from generation.engine.backend import Pass, Pixels
from generation.engine.protocol import ImageRequest
from generation.engine.scratch import read_input


def read(image: ImageRequest, role: str) -> Pixels:
    """Return a picture that must be there, as it was sent. Raises: OSError, ValueError."""
    pixels = read_optional(image, role)
    assert pixels is not None, "the protocol checks which roles a request has"
    return pixels


def read_optional(image: ImageRequest, role: str) -> Pixels | None:
    """Return a picture that may be there. Raises: OSError, ValueError."""
    path = image.input_path(role)
    return None if path is None else read_input(Path(path))


def read_all(work: Pass, role: str) -> list[Pixels]:
    """Return each picture's own source, in the pass's order."""
    return [read(image, role) for image in work.images]
