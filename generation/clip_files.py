"""The files of a video: written beside those of its picture, in the three kinds that people ask for.

Runs in the worker's storing thread. What does not belong here: codecs (`video_encoding.py`), the poster (`storage.py`).
"""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from generation import provenance, storage, video_encoding


@dataclass(frozen=True)
class StoredClip:
    """What was written for one video; width, height, `size_bytes` and `sha256` are the MP4's.

    `frames_sha256` is of the frames as they were drawn, before any of the files.
    """

    mp4: str
    webp: str
    gif: str
    width: int
    height: int
    frames: int
    fps: int
    size_bytes: int
    webp_bytes: int
    gif_bytes: int
    sha256: str
    frames_sha256: str


def save(
    image_id: uuid.UUID,
    raw: Path,
    fps: int,
    texts: Mapping[str, str],
    seal: Callable[[bytes, str], bytes] = lambda content, _: content,
) -> StoredClip:
    """Encode and write one video.

    `raw` holds the frames, shape (frames, height, width, 3), uint8, as `.npy`. `texts` are those of the picture's file
    (`provenance.texts`): what each kind can hold of them goes into it. `seal` gives the file of a content
    type as it is to be kept.

    Raises: OSError when the disk is full or the bucket is out of reach; what was written is removed.
    """
    frames = np.load(raw, allow_pickle=False)
    words, packet = texts.get(provenance.LICENSE, ""), texts.get(provenance.XMP, "")
    folder = storage.folder_of(image_id)
    made = {
        "mp4": ("video/mp4", video_encoding.mp4(frames, fps, title=settings.SITE_NAME, comment=words, packet=packet)),
        "webp": ("image/webp", video_encoding.webp(frames, fps, packet=packet)),
        "gif": ("image/gif", video_encoding.gif(frames, fps, comment=words, packet=packet)),
    }
    contents = {f"{folder}/video.{suffix}": seal(content, kind) for suffix, (kind, content) in made.items()}
    try:
        for key, content in contents.items():
            default_storage.save(key, ContentFile(content))
    except BaseException:
        # Whatever the store raises, and without hiding it.
        with suppress(Exception):
            storage.delete(*contents)
        raise
    (mp4, webp, gif), keys = contents.values(), tuple(contents)
    height, width = video_encoding.even(frames).shape[1:3]
    return StoredClip(
        mp4=keys[0],
        webp=keys[1],
        gif=keys[2],
        width=width,
        height=height,
        frames=len(frames),
        fps=fps,
        size_bytes=len(mp4),
        webp_bytes=len(webp),
        gif_bytes=len(gif),
        sha256=hashlib.sha256(mp4).hexdigest(),
        frames_sha256=video_encoding.frames_sha256_of(frames),
    )
