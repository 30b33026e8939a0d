"""Pictures on disk or in a bucket: keys, encoding, thumbnails, signed links, deletion.

Encoding runs in the worker's storing thread while the engine already draws the next batch. Nothing
here runs inside a transaction.
"""

import base64
import hashlib
import hmac
import io
import time
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from generation.models import Image

THUMBNAIL_SIDES = (320, 640)
_PLACEHOLDER_SIDE = 8
# After PNG's filters there are runs of equal bytes and little else to find: looking for runs alone takes half the time
# of the default strategy at the default level, for the same bytes.
_PNG = {"compress_level": 1, "compress_type": zlib.Z_RLE}
_WEBP_QUALITY = 82


@dataclass(frozen=True)
class StoredFiles:
    """What was written for one picture.

    `sha256` is of the lossless original's file, with all that it says; `pixels_sha256` of its pixels alone, row by row,
    three or four bytes each.
    """

    file: str
    thumbnail_320: str
    thumbnail_640: str
    placeholder: str
    size_bytes: int
    sha256: str
    width: int
    height: int
    pixels_sha256: str
    content_type: str = "image/png"


def save(image_id: uuid.UUID, raw: Path, texts: Mapping[str, str] | None = None) -> StoredFiles:
    """Encode and write one picture.

    `raw` holds the pixels, shape (height, width, 3 or 4), uint8, as `.npy`; of a video's frames, shape
    (frames, height, width, 3), the first is the picture. `texts` go into the original's file, by
    keyword. The picture's id is part of every key, so that two attempts of one job never write to the same file.

    Raises: OSError when the disk is full or the bucket is out of reach; what was written is removed.
    """
    pixels = np.load(raw, allow_pickle=False)
    picture = Pillow.fromarray(pixels[0] if pixels.ndim == 4 else pixels)
    original = png_of(picture, texts or {})
    thumbnails = _thumbnails(picture)
    folder = folder_of(image_id)
    keys = (f"{folder}/original.png", f"{folder}/320.webp", f"{folder}/640.webp")
    try:
        for key, content in zip(keys, (original, *thumbnails), strict=True):
            default_storage.save(key, ContentFile(content))
    except BaseException:
        # Whatever the store raises (a bucket has errors of its own), and without hiding it.
        with suppress(Exception):
            delete(*keys)
        raise
    return StoredFiles(
        *keys,
        placeholder=placeholder_of(picture),
        size_bytes=len(original),
        sha256=hashlib.sha256(original).hexdigest(),
        width=picture.width,
        height=picture.height,
        pixels_sha256=pixels_sha256_of(picture),
    )


def pixels_sha256_of(picture: Pillow.Image) -> str:
    """Return the checksum of a picture's pixels: row by row, three or four bytes each, whatever its file says."""
    return hashlib.sha256(picture.tobytes()).hexdigest()


def folder_of(image_id: uuid.UUID) -> str:
    """Return the beginning of the keys of everything that is stored for one picture."""
    return f"pictures/{image_id.hex[-2:]}/{image_id.hex}"


def files_under(folder: str) -> Iterator[str]:
    """Yield the keys of all files in a folder and in those below it."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from files_under(f"{folder}/{name}")


def read(key: str) -> bytes:
    """Return a stored file's bytes. Raises: FileNotFoundError."""
    with default_storage.open(key) as file:
        content: bytes = file.read()
    return content


def delete(*keys: str) -> None:
    """Remove files; those that are not there are no error."""
    for key in keys:
        default_storage.delete(key)


def delete_files_of(image: Image) -> None:
    """Remove everything stored for one picture."""
    delete(*image.files)


def signed_url(key: str) -> str:
    """Return a link to a private file that works without a session and expires.

    It stays the same for a whole period (settings.MEDIA_LINK_SECONDS), so that browsers can cache what it
    leads to, and works for at least one more.
    """
    period = settings.MEDIA_LINK_SECONDS
    expires = (int(time.time()) // period + 2) * period
    return reverse("generation:media", kwargs={"expires": expires, "signature": _sign(key, expires), "key": key})


def is_signed(key: str, expires: int, signature: str) -> bool:
    """Whether this link was made here and is still good."""
    return expires >= time.time() and hmac.compare_digest(signature, _sign(key, expires))


def png_of(picture: Pillow.Image, texts: Mapping[str, str]) -> bytes:
    """Return a picture's lossless file with these texts in it."""
    buffer = io.BytesIO()
    chunks = PngInfo()
    for keyword, text in texts.items():
        chunks.add_itxt(keyword, text)  # UTF-8; a tEXt chunk would be Latin-1
    picture.save(buffer, "PNG", pnginfo=chunks, **_PNG)
    return buffer.getvalue()


def thumbnail_of(picture: Pillow.Image) -> bytes:
    """Return the smaller thumbnail of a picture as WebP."""
    return _webp(_shrink(picture, min(THUMBNAIL_SIDES)))


def placeholder_of(picture: Pillow.Image) -> str:
    """Return a WebP of a few pixels in base64, which stands in until the picture has loaded."""
    tiny = picture.copy()
    tiny.thumbnail((_PLACEHOLDER_SIDE, _PLACEHOLDER_SIDE), Pillow.Resampling.BOX)
    buffer = io.BytesIO()
    tiny.save(buffer, "WEBP", quality=50, method=0)
    return base64.b64encode(buffer.getvalue()).decode()


def _sign(key: str, expires: int) -> str:
    text = f"media:{expires}:{key}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()[:32]


def _thumbnails(picture: Pillow.Image) -> list[bytes]:
    """Return the thumbnails as WebP, smallest first; each is shrunk from the next larger one."""
    encoded: list[bytes] = []
    larger = picture
    for side in sorted(THUMBNAIL_SIDES, reverse=True):
        small = _shrink(larger, side)
        # A picture that fits the smaller frame as well is the same in both.
        encoded.append(encoded[-1] if encoded and small.size == larger.size else _webp(small))
        larger = small
    return encoded[::-1]


def _shrink(picture: Pillow.Image, side: int) -> Pillow.Image:
    """Shrink to at most `side` pixels; a picture that is smaller keeps its size."""
    small = picture.copy()
    small.thumbnail((side, side), Pillow.Resampling.LANCZOS)
    return small


def _webp(picture: Pillow.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=_WEBP_QUALITY, method=2)
    return buffer.getvalue()
