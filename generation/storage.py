"""Pictures on disk or in a bucket: keys, files, signed links, deletion.

Encoding runs in the worker's storing thread while the engine already draws the next batch. Nothing
here runs inside a transaction, but for what `housekeeping` deletes of a picture that it purges.
"""

import hashlib
import hmac
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image as Pillow

from generation import picture_encoding, xmp
from generation.models import Image

_SERVER_ERRORS = 500  # an HTTP status from here on says that the server is in trouble, not the request
# Whom a link is for, beside the owner of the file, whose links have nothing there.
OPERATORS = "operators"
_operator_reads: ContextVar[bool] = ContextVar("operator_reads", default=False)


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


def save(
    image_id: uuid.UUID,
    raw: Path,
    texts: Mapping[str, str] | None = None,
    seal: Callable[[bytes, str], bytes] = lambda content, _: content,
) -> StoredFiles:
    """Encode and write one picture.

    `raw` holds the pixels, shape (height, width, 3 or 4), uint8, as `.npy`; of a video's frames, shape
    (frames, height, width, 3), the first is the picture. `texts` go into the original's file, by
    keyword; `seal` gives the file of a content type as it is to be kept. The picture's id is part of every key, so that
    two attempts of one job never write to the same file.

    Raises: OSError when the disk is full or the bucket is out of reach; what was written is removed.
    """
    pixels = np.load(raw, allow_pickle=False)
    picture = Pillow.fromarray(pixels[0] if pixels.ndim == 4 else pixels)
    original = seal(picture_encoding.png_of(picture, texts or {}), "image/png")
    thumbnails = picture_encoding.thumbnails_of(picture, xmp.short_packet(), len(original) / 10)
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
        placeholder=picture_encoding.placeholder_of(picture),
        size_bytes=len(original),
        sha256=hashlib.sha256(original).hexdigest(),
        width=picture.width,
        height=picture.height,
        pixels_sha256=picture_encoding.pixels_sha256_of(picture),
    )


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


def size_bytes(key: str) -> int:
    """Return how large a stored file is; 0 where it is not there."""
    try:
        return default_storage.size(key)
    except FileNotFoundError:
        return 0


def delete(*keys: str) -> None:
    """Remove files; those that are not there are no error."""
    for key in keys:
        default_storage.delete(key)


def is_away(error: Exception) -> bool:
    """Whether a bucket did not answer, or could not just now; the same may go well in a moment. A disk never is."""
    if not settings.S3_BUCKET:
        return False
    from botocore.exceptions import BotoCoreError, ClientError
    from s3transfer.exceptions import RetriesExceededError

    if isinstance(error, ClientError):
        return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= _SERVER_ERRORS
    return isinstance(error, BotoCoreError | RetriesExceededError)  # the second: it was cut off while it was read


def delete_files_of(image: Image) -> None:
    """Remove everything stored for one picture."""
    delete(*image.files)


def signed_url(key: str) -> str:
    """Return a link for the owner of a private file: it works without a session, whoever follows it, and expires.

    For everybody else there are `shown_links.url` and `operators_url`.
    """
    return operators_url(key) if _operator_reads.get() else url_for("", "generation:media", key)


def operators_url(key: str) -> str:
    """Return a link to a private file that works for operators alone, in their own session."""
    return url_for(OPERATORS, "generation:operators_media", key)


@contextmanager
def read_by_operator() -> Iterator[None]:
    """Make every link an operator's meanwhile, for pages that are an owner's and are looked at by an operator."""
    token = _operator_reads.set(True)
    try:
        yield
    finally:
        _operator_reads.reset(token)


def url_for(whom: str, view: str, key: str) -> str:
    """Return a link that `is_signed` for whom it is for.

    It stays the same for a whole period (settings.MEDIA_LINK_SECONDS), so that browsers can cache what it
    leads to, and works for at least one more.
    """
    period = settings.MEDIA_LINK_SECONDS
    expires = (int(time.time()) // period + 2) * period
    signature = _sign(key, expires, settings.SECRET_KEY, whom)
    return reverse(view, kwargs={"expires": expires, "signature": signature, "key": key})


def is_signed(key: str, expires: int, signature: str, whom: str = "") -> bool:
    """Whether this link was made here and is still good; one that was made before the secret was changed is."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    is_ours = any(hmac.compare_digest(signature, _sign(key, expires, secret, whom)) for secret in secrets)
    return is_ours and expires >= time.time()


def _sign(key: str, expires: int, secret: str, whom: str = "") -> str:
    purpose = f"media:{whom}" if whom else "media"
    text = f"{purpose}:{expires}:{key}".encode()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()[:32]
