"""Many pictures as one zip, sent while it is written: no more of it is in memory than one file.

Each is what a single download gives: as it is kept and told what it shows, with its recipe, or clean. Files are packed
as they are, for PNG, WebP and MP4 have nothing left to squeeze. Their names are made here of small letters, digits and
dashes, whatever stands in a prompt; those of clean files say nothing. A picture that is deleted before its turn, into
the trash or for good, is left out, and a list at the end says so.
"""

import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePath

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext

from generation import manifests, renditions, signed_files
from generation.models import Image
from generation.models.image import ImageQuerySet

_BLOCK_BYTES = 1 << 18
_CHUNK = 200
MISSING_NAME = "missing.txt"
ORIGINAL, RECIPE, CLEAN = "original", "recipe", "clean"
WAYS = (ORIGINAL, RECIPE, CLEAN)


class _Outlet(io.RawIOBase):
    """Where the zip is written to: it keeps what came until somebody takes it, and cannot be gone back in."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, block: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._parts.append(bytes(block))
        return len(block)

    def take(self) -> bytes:
        """Return what came since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def stream(images: ImageQuerySet, way: str = ORIGINAL) -> Iterator[bytes]:
    """Give a zip of these pictures, newest first, block by block. Each file is made when its turn comes.

    `way` is one of WAYS. With its recipe each has beside it what makes it again.
    """
    outlet = _Outlet()
    missing: list[str] = []
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:
        for number, image in enumerate(_one_by_one(images), start=1):
            entry = _entry(image, way, number)
            try:
                content = _content_of(image, way)
            except FileNotFoundError:
                missing.append(entry.filename)
                continue
            with archive.open(entry, "w", force_zip64=True) as target:
                for start in range(0, len(content), _BLOCK_BYTES):
                    target.write(content[start : start + _BLOCK_BYTES])
                    yield outlet.take()
            if way == RECIPE:
                archive.writestr(str(PurePath(entry.filename).with_suffix(".json")), manifests.as_json(image))
        if missing:
            words = gettext("These were deleted while the zip was being made:") + "\n" + "\n".join(missing) + "\n"
            archive.writestr(MISSING_NAME, words)
    yield outlet.take()


def name_of(image: Image, key: str) -> str:
    """Return a file's name: its words, seed and the end of its id, so that no two are the same."""
    words = slugify(image.title)[:60].strip("-") or "picture"
    return f"{words}-{image.seed}-{image.pk.hex[-8:]}{PurePath(key).suffix}"


def _entry(image: Image, way: str, number: int) -> zipfile.ZipInfo:
    """Return name and time of a file; of a clean one they tell neither its words nor when it was made."""
    key = image.video.mp4 if image.video else image.file
    if way != CLEAN:
        return zipfile.ZipInfo(name_of(image, key), image.created_at.timetuple()[:6])
    plain = "video" if image.video else "picture"
    return zipfile.ZipInfo(f"{plain}-{number:04}{PurePath(key).suffix}", timezone.now().timetuple()[:6])


def _content_of(image: Image, way: str) -> memoryview:
    """Return a picture's file. Raises: FileNotFoundError, of one in the trash as well."""
    key = image.video.mp4 if image.video else image.file
    if image.deleted_at:
        raise FileNotFoundError(key)
    if way == ORIGINAL:
        return memoryview(signed_files.described(image, key))
    return memoryview(renditions.render(image, way, "mp4" if image.video else "png"))


def _one_by_one(images: ImageQuerySet) -> Iterator[Image]:
    """Give pictures page by page, without a cursor that a long download would keep open.

    Which they are is decided at the beginning: those that are deleted meanwhile come, too, and say so.
    """
    pks = list(images.order_by("-id").values_list("pk", flat=True))
    whole = (
        Image.objects.select_related("job", "user", "clip", "environment")
        .prefetch_related("job__inputs")
        .order_by("-id")
    )
    for start in range(0, len(pks), _CHUNK):
        yield from whole.filter(pk__in=pks[start : start + _CHUNK])
