"""A video's files: three kinds, one folder, all or nothing, and what they say about themselves."""

import hashlib
import io
from pathlib import Path

import av
import numpy as np
import pytest
from django.conf import settings
from PIL import Image as Pillow

from accounts.ids import uuid7
from generation import clip_files, provenance, storage, xmp
from tests.generation.videos import frames

TEXTS = {provenance.XMP: "<x:xmpmeta>DigitalSourceType</x:xmpmeta>", provenance.LICENSE: "Personal use."}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    np.save(tmp_path / "0.npy", frames(width=63))
    return tmp_path / "0.npy"


def test_what_is_stored_is_what_the_row_says(raw: Path) -> None:
    image_id = uuid7()
    stored = clip_files.save(image_id, raw, 8, TEXTS)
    mp4, webp, gif = (storage.read(key) for key in (stored.mp4, stored.webp, stored.gif))
    assert (stored.size_bytes, stored.webp_bytes, stored.gif_bytes) == (len(mp4), len(webp), len(gif))
    assert stored.sha256 == hashlib.sha256(mp4).hexdigest()
    assert (stored.frames, stored.fps, stored.width, stored.height) == (8, 8, 64, 48)
    assert {key.rsplit("/", 1)[0] for key in (stored.mp4, stored.webp, stored.gif)} == {storage.folder_of(image_id)}
    video = av.open(io.BytesIO(mp4)).streams.video[0]
    assert (video.frames, video.width, video.height) == (8, 64, 48)


def test_every_kind_says_what_it_can_of_licence_and_origin(raw: Path) -> None:
    stored = clip_files.save(uuid7(), raw, 8, TEXTS)
    mp4 = storage.read(stored.mp4)
    assert b"DigitalSourceType" in mp4
    assert av.open(io.BytesIO(mp4)).metadata["comment"] == "Personal use."
    with Pillow.open(io.BytesIO(storage.read(stored.webp))) as webp:
        assert b"DigitalSourceType" in webp.info["xmp"]
    with Pillow.open(io.BytesIO(storage.read(stored.gif))) as gif:
        assert gif.info["comment"] == b"Personal use."
    assert xmp.read(storage.read(stored.gif)) == TEXTS[provenance.XMP]


def test_a_video_that_cannot_be_written_is_an_error_and_leaves_nothing(raw: Path) -> None:
    image_id = uuid7()
    folder = Path(settings.MEDIA_ROOT) / storage.folder_of(image_id)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.touch()  # the folder that would hold the files is a file
    with pytest.raises(OSError, match=image_id.hex):
        clip_files.save(image_id, raw, 8, TEXTS)
    assert folder.is_file()
