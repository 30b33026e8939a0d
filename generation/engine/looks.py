"""What of a picture is looked at before anybody sees it: everything that people can come to see of it.

Both sides of the pipe read this: the classifier that runs in the asking process, and the one in the engine.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from generation.engine.backend import Pixels

# Of a video's frames so many are looked at.
FRAMES_SEEN = 5
_OPAQUE = 255
# On what a transparent picture comes to stand: paper and light pages, dark pages.
_GROUNDS = (255, 0)


def pictures_of(pixels: Pixels) -> Iterator[Pixels]:
    """Yield what is to be looked at, each (height, width, 3).

    pixels: (height, width, 3 or 4), of a video (frames, height, width, 3). A picture that is transparent in places can
    show one thing by its colours and another by what shines through: both are looked at, and it on either ground.
    """
    if pixels.ndim == 4:
        places = np.linspace(0, len(pixels) - 1, min(FRAMES_SEEN, len(pixels))).round().astype(int)
        yield from pixels[places]
        return
    yield pixels[..., :3]
    if pixels.shape[2] == 4 and (pixels[..., 3] < _OPAQUE).any():
        yield from (_on(pixels, ground) for ground in _GROUNDS)


def _on(pixels: Pixels, ground: int) -> Pixels:
    alpha = pixels[..., 3:].astype(np.uint16)
    shown: Pixels = ((pixels[..., :3] * alpha + ground * (_OPAQUE - alpha) + _OPAQUE // 2) // _OPAQUE).astype(np.uint8)
    return shown
