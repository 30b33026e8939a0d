"""From frames to files: MP4 (H.264), animated WebP, GIF. Pure: frames in, bytes out.

What belongs here: codecs and containers. What does not: keys, rows, licences (`clip_files.py`), and who draws the
frames. The encoder comes with PyAV; nothing has to be installed beside it.
"""

import hashlib
import io
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from generation import xmp

# Of a video: (frames, height, width, 3); of one of them: (height, width, 3).
Frames = npt.NDArray[np.uint8]
Frame = npt.NDArray[np.uint8]

# Constant quality, 0 (lossless) to 51: 18 looks like the frames themselves.
_CRF = 18
# A GIF has 256 colours and no compression to speak of; larger, it is tens of megabytes.
GIF_SIDE_MAX = 480
_WEBP_QUALITY = 80


def mp4(frames: Frames, fps: int, *, title: str = "", comment: str = "", packet: str = "") -> bytes:
    """Return (frames, height, width, 3) as H.264 in an MP4 that plays while it loads, on anything.

    `packet` is XMP, which stands in a box of its own at the end.
    """
    # To begin with what players read first, the muxer goes over its file twice, and for that it needs a file.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.mp4"
        _write_mp4(path, even(frames), fps, {"title": title, "comment": comment})
        content = path.read_bytes()
    return xmp.put(content, packet) if packet else content


def even(frames: Frames) -> Frames:
    """Return the frames with one more row or column, the same as the last, where a side is odd.

    H.264 as everybody plays it halves the sides for the colours.
    """
    return np.pad(frames, ((0, 0), (0, frames.shape[1] % 2), (0, frames.shape[2] % 2), (0, 0)), mode="edge")


def webp(frames: Frames, fps: int, *, packet: str = "") -> bytes:
    """Return the frames as an animated WebP that goes round and round."""
    return _animated(
        [Pillow.fromarray(frame) for frame in frames], "WEBP", fps, xmp=packet.encode(), quality=_WEBP_QUALITY
    )


def gif(frames: Frames, fps: int, *, comment: str = "", packet: str = "") -> bytes:
    """Return the frames as a GIF that goes round and round, at most GIF_SIDE_MAX pixels a side."""
    pictures = [Pillow.fromarray(frame) for frame in frames]
    for picture in pictures:
        picture.thumbnail((GIF_SIDE_MAX, GIF_SIDE_MAX), Pillow.Resampling.LANCZOS)
    # One palette for all: with one each, plain grounds flicker.
    palette = _palette(pictures)
    reduced = [picture.quantize(palette=palette, dither=Pillow.Dither.FLOYDSTEINBERG) for picture in pictures]
    content = _animated(reduced, "GIF", fps, comment=comment.encode("ascii", "replace"), optimize=False)
    return xmp.put(content, packet) if packet else content


def read_mp4(content: bytes) -> Iterator[Frame]:
    """Give the frames of an MP4, (height, width, 3) each, one after the other."""
    with av.open(io.BytesIO(content), "r") as container:
        for frame in container.decode(video=0):
            picture: Frame = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            yield picture


def frames_sha256_of(frames: Frames) -> str:
    """Return the checksum of frames as they are drawn: one after the other, row by row, three bytes a pixel."""
    return hashlib.sha256(np.ascontiguousarray(frames).tobytes()).hexdigest()


def _write_mp4(path: Path, frames: Frames, fps: int, said: dict[str, str]) -> None:
    with av.open(path, "w", format="mp4", options={"movflags": "faststart"}) as container:
        container.metadata.update({name: text for name, text in said.items() if text})
        stream = container.add_stream("libx264", rate=fps, options={"crf": str(_CRF), "preset": "medium"})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def _palette(pictures: list[Pillow.Image]) -> Pillow.Image:
    """Return a picture whose palette fits a few frames spread over the whole."""
    some = pictures[:: max(1, len(pictures) // 8)]
    together = Pillow.new("RGB", (some[0].width, some[0].height * len(some)))
    for index, picture in enumerate(some):
        together.paste(picture, (0, index * picture.height))
    return together.quantize(256, method=Pillow.Quantize.MEDIANCUT)


def _animated(pictures: list[Pillow.Image], kind: str, fps: int, **options: object) -> bytes:
    buffer = io.BytesIO()
    first, *rest = pictures
    # Hundredths of a second are the finest that a GIF knows; what is rounded off goes to the next frame.
    ends = [round(index * 100 / fps) * 10 for index in range(len(pictures) + 1)]
    durations = [after - before for before, after in pairwise(ends)]
    first.save(buffer, kind, save_all=True, append_images=rest, duration=durations, loop=0, **options)
    return buffer.getvalue()
