"""Videos without what they say of themselves: read back by other programs, frame by frame."""

import io

import av
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageSequence

from generation import bare_videos, video_encoding, xmp
from tests.generation.videos import frames

SAID = b"a secret fox"


def made(kind: str) -> bytes:
    """Return a video that says something wherever one can."""
    packet = f"<x:xmpmeta>{SAID.decode()}</x:xmpmeta>"
    if kind == "mp4":
        return video_encoding.mp4(frames(), 8, title=SAID.decode(), comment=SAID.decode(), packet=packet)
    if kind == "gif":
        return video_encoding.gif(frames(), 8, comment=SAID.decode(), packet=packet)
    return video_encoding.webp(frames(), 8, packet=packet)


def shown(content: bytes, kind: str) -> tuple[list[np.ndarray], list[object]]:
    """Return a video's frames and when each is shown."""
    if kind == "mp4":
        with av.open(io.BytesIO(content), "r") as container:
            decoded = list(container.decode(video=0))
        return [frame.to_ndarray(format="rgb24") for frame in decoded], [frame.time for frame in decoded]
    with Pillow.open(io.BytesIO(content)) as picture:
        drawn = [frame.convert("RGBA") for frame in ImageSequence.Iterator(picture)]
        loop = picture.info["loop"]
    return [np.asarray(frame) for frame in drawn], [loop, *(frame.info["duration"] for frame in drawn)]


@pytest.mark.parametrize("kind", ["mp4", "webp", "gif"])
def test_a_bare_video_has_the_same_frames_and_says_nothing(kind: str) -> None:
    content = made(kind)
    assert SAID in content

    bare = bare_videos.bare(content)

    assert SAID not in bare
    assert xmp.read(bare) == ""
    (before, times_before), (after, times_after) = shown(content, kind), shown(bare, kind)
    assert len(after) == 8
    assert np.array_equal(before, after)
    assert times_before == times_after


@pytest.mark.parametrize("kind", ["mp4", "webp", "gif"])
def test_without_credentials_a_file_that_has_none_is_as_it_was(kind: str) -> None:
    content = made(kind)

    assert bare_videos.without_credentials(content) == content


@pytest.mark.parametrize("kind", ["mp4", "webp", "gif"])
def test_what_ends_too_early_or_is_something_else_is_refused(kind: str) -> None:
    content = made(kind)

    for wrong in (content[: len(content) // 2], b"\x89PNG\r\n\x1a\n", b""):
        with pytest.raises(ValueError, match="this"):
            bare_videos.bare(wrong)
