"""Uploads for tests: rows with files, as the product keeps them."""

import io

import numpy as np
from PIL import Image as Pillow

from accounts.models import User
from generation import uploads
from generation.models import Upload


def png_of(picture: Pillow.Image) -> bytes:
    """Return a picture's file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def photograph(width: int = 160, height: int = 120, seed: int = 1) -> Pillow.Image:
    """Return a picture with something in every pixel."""
    return Pillow.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


def brought(user: User, width: int = 160, height: int = 120, seed: int = 1, *, is_test: bool = False) -> Upload:
    """Return a picture that this person brought along, by a test key or otherwise."""
    return uploads.keep(user, png_of(photograph(width, height, seed)), is_test=is_test).upload


def masked(
    user: User,
    width: int = 160,
    height: int = 120,
    box: tuple[int, int, int, int] | None = (40, 30, 80, 60),
    *,
    is_test: bool = False,
) -> Upload:
    """Return a mask that is white in `box` (left, top, right, bottom) and black elsewhere."""
    mask = Pillow.new("L", (width, height))
    if box:
        mask.paste(255, box)
    return uploads.keep(user, png_of(mask), kind=Upload.Kind.MASK, is_test=is_test).upload
