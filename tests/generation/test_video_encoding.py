"""Files of frames: they can be read, begin with what players need first, and say what they are."""

import io
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageSequence

from generation import video_encoding, xmp
from generation.video_encoding import Frames


def frames_of(count: int = 10, width: int = 64, height: int = 48) -> Frames:
    """Return a bright square that goes over a dark ground."""
    video = np.full((count, height, width, 3), 40, np.uint8)
    for index, frame in enumerate(video):
        frame[10:30, index * 3 : index * 3 + 20] = (220, 120, 30)
    return video


def decoded(content: bytes) -> tuple[Any, Frames]:
    container = av.open(io.BytesIO(content), "r")
    frames = [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]
    return container, np.stack(frames)


def test_an_mp4_is_h264_that_everybody_plays() -> None:
    container, frames = decoded(video_encoding.mp4(frames_of(), 8, title="A site", comment="Personal use."))
    stream = container.streams.video[0]
    assert stream.codec_context.name == "h264"
    assert stream.codec_context.pix_fmt == "yuv420p"
    assert stream.average_rate == 8
    assert container.metadata["title"] == "A site"
    assert container.metadata["comment"] == "Personal use."
    assert frames.shape == frames_of().shape
    assert np.abs(frames - frames_of().astype(float)).mean() < 6


def test_what_players_read_first_stands_first() -> None:
    content = video_encoding.mp4(frames_of(), 8)
    assert 0 < content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize(("size", "padded"), [((63, 47), (64, 48)), ((64, 47), (64, 48)), ((62, 46), (62, 46))])
def test_odd_sides_are_filled_up_with_their_last(size: tuple[int, int], padded: tuple[int, int]) -> None:
    frames = frames_of(3, *size)
    even = video_encoding.even(frames)
    assert even.shape == (3, padded[1], padded[0], 3)
    assert (even[:, : size[1], : size[0]] == frames).all()
    assert (even[:, -1] == even[:, size[1] - 1]).all()
    assert decoded(video_encoding.mp4(frames, 8))[1].shape == even.shape


def test_an_mp4_carries_its_xmp_in_a_box_of_its_own() -> None:
    content = video_encoding.mp4(frames_of(), 8, packet="<x:xmpmeta/>")
    bare = video_encoding.mp4(frames_of(), 8)
    box = content[len(bare) :]
    assert int.from_bytes(box[:4], "big") == len(box)
    assert box[4:8] == b"uuid"
    assert box[24:] == b"<x:xmpmeta/>"
    assert decoded(content)[1].shape == frames_of().shape


def test_a_webp_goes_round_with_all_its_frames() -> None:
    with Pillow.open(io.BytesIO(video_encoding.webp(frames_of(), 8, packet="<x:xmpmeta/>"))) as picture:
        assert picture.format == "WEBP"
        assert len(list(ImageSequence.Iterator(picture))) == 10
        assert picture.info["loop"] == 0
        assert b"<x:xmpmeta/>" in picture.info["xmp"]
        assert picture.size == (64, 48)


def test_a_gif_goes_round_at_the_right_pace() -> None:
    with Pillow.open(io.BytesIO(video_encoding.gif(frames_of(16), 16, comment="Personal use."))) as picture:
        durations = [frame.info["duration"] for frame in ImageSequence.Iterator(picture)]
        assert len(durations) == 16
        assert sum(durations) == 1000  # hundredths of a second, of which sixteenths are no whole number
        assert picture.info["loop"] == 0
        assert picture.info["comment"] == b"Personal use."


def test_a_gif_carries_its_xmp_where_programs_that_know_none_pass_it_by() -> None:
    packet = xmp.short_packet()
    content = video_encoding.gif(frames_of(), 8, comment="Personal use.", packet=packet)
    # Read as the format has it: the block's name, then blocks that say how long they are until one of no length.
    start = content.index(b"\x21\xff\x0bXMP DataXMP") + 14
    assert content[start : start + len(packet)].decode() == packet
    while content[start]:
        start += 1 + content[start]
    assert content[start + 1 :] == b";"
    with Pillow.open(io.BytesIO(content)) as picture:
        assert len(list(ImageSequence.Iterator(picture))) == 10
        assert (picture.info["loop"], picture.info["comment"]) == (0, b"Personal use.")


def test_a_large_gif_is_made_smaller() -> None:
    with Pillow.open(io.BytesIO(video_encoding.gif(frames_of(2, 960, 540), 8))) as picture:
        assert picture.size == (video_encoding.GIF_SIDE_MAX, 270)
