"""The frames of a video, as somebody sees them."""

import io

import av
import numpy as np
from PIL import Image as Pillow
from PIL import ImageSequence


def frames_of(content: bytes, kind: str = "mp4") -> list[np.ndarray]:
    """Return each frame of an MP4, a GIF or a WebP: (height, width, 3) of an MP4, else (height, width, 4); uint8."""
    if kind == "mp4":
        with av.open(io.BytesIO(content), "r") as container:
            return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    with Pillow.open(io.BytesIO(content)) as picture:
        return [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(picture)]
