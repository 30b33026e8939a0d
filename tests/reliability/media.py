"""A studio's files, on a disk or in a bucket, held against the rows that name them; with nothing of the product."""

import hashlib
import io
import os
from collections.abc import Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageStat, UnidentifiedImageError

from tests.reliability.books import Fetch

_PICTURES = """
    SELECT image.id, image.file, image.sha256, image.width, image.height, image.thumbnail_320, image.thumbnail_640,
        clip.mp4, clip.sha256, clip.webp, clip.gif
    FROM generation_image image LEFT JOIN generation_clip clip ON clip.image_id = image.id
    WHERE image.purged_at IS NULL
"""
# What is held back for a decision has no row of its own; its case says what its row would.
_HELD_BACK = """
    SELECT withheld ->> 'file', withheld ->> 'thumbnail_320', withheld ->> 'thumbnail_640', withheld #>> '{clip,mp4}',
        withheld #>> '{clip,webp}', withheld #>> '{clip,gif}'
    FROM generation_moderationcase WHERE withheld ->> 'file' <> ''
"""
_THUMBNAIL_SIDES = (320, 640)
# Of 255, on average over a thumbnail: what WebP changes is a tenth of it.
_DIFFERENCE_MAX = 12
_THREADS = 2


class Folder:
    """Files on a disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.names: Set[str] = {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}

    def read(self, name: str) -> bytes:
        return (self._path / name).read_bytes()


class Bucket:
    """Files in a bucket."""

    def __init__(self) -> None:
        import boto3

        self._client = boto3.client(
            "s3",
            endpoint_url=os.environ["S3_ENDPOINT_URL"],
            aws_access_key_id=os.environ["S3_ACCESS_KEY"],
            aws_secret_access_key=os.environ["S3_SECRET_KEY"],
            region_name=os.environ["S3_REGION"],
        )
        self._bucket = os.environ["S3_BUCKET"]
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        self.names: Set[str] = {file["Key"] for page in pages for file in page.get("Contents", ())}

    def read(self, name: str) -> bytes:
        content: bytes = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        return content


def files_wrong(fetch: Fetch, files: Folder | Bucket) -> Iterator[str]:
    """Yield which pictures' files are missing or not what their rows say."""
    with ThreadPoolExecutor(_THREADS) as threads:
        for found in threads.map(lambda row: list(_wrong_with(row, files)), fetch(_PICTURES)):
            yield from found


def strays(fetch: Fetch, files: Folder | Bucket) -> Iterator[str]:
    """Yield the files of pictures that no row names."""
    rows = [(file, *more) for _, file, _, _, _, *more in fetch(_PICTURES)]
    named = {name for row in (*rows, *fetch(_HELD_BACK)) for name in row if name}
    found = {name for name in files.names if name.startswith("pictures/")}
    yield from (f"a picture's file without a row: {name}" for name in sorted(found - named))


def _wrong_with(row: Any, files: Folder | Bucket) -> Iterator[str]:
    pk, file, checksum, width, height, *rest = row
    thumbnails, (mp4, mp4_checksum, webp, gif) = rest[:2], rest[2:]
    names = [name for name in (file, *thumbnails, mp4, webp, gif) if name is not None]
    if missing := [name for name in names if name not in files.names]:
        yield f"picture {pk} has no file {missing[0]}"
        return
    if elsewhere := [name for name in names if pk.hex not in name.split("/")]:
        yield f"picture {pk} has a file that is not in its own folder: {elsewhere[0]}"
    original = files.read(file)
    if hashlib.sha256(original).hexdigest() != checksum:
        yield f"picture {pk} is not the file that its row describes: {file}"
        return
    if mp4 and hashlib.sha256(files.read(mp4)).hexdigest() != mp4_checksum:
        yield f"video {pk} is not the file that its row describes: {mp4}"
    picture = _decoded(original)
    if picture is None or picture.size != (width, height):
        yield f"picture {pk} cannot be read, or is not {width} × {height}: {file}"
        return
    for name, side in zip(thumbnails, _THUMBNAIL_SIDES, strict=True):
        if words := _thumbnail_wrong(picture, _decoded(files.read(name)), side):
            yield f"picture {pk} has a thumbnail that {words}: {name}"


def _thumbnail_wrong(picture: Image.Image, thumbnail: Image.Image | None, side: int) -> str:
    """Say what is wrong with a thumbnail of this many pixels at most a side, or nothing."""
    if thumbnail is None:
        return "cannot be read"
    scale = min(1.0, side / max(picture.size))
    if any(abs(is_now - was * scale) >= 1 for is_now, was in zip(thumbnail.size, picture.size, strict=True)):
        return f"has {thumbnail.width} × {thumbnail.height} pixels"
    own = picture.resize(thumbnail.size, Image.Resampling.BOX)
    difference = max(ImageStat.Stat(ImageChops.difference(_opaque(own), _opaque(thumbnail))).mean)
    return "shows something else" if difference > _DIFFERENCE_MAX else ""


def _decoded(content: bytes) -> Image.Image | None:
    try:
        picture = Image.open(io.BytesIO(content))
        picture.load()
    except (OSError, SyntaxError, UnidentifiedImageError):
        return None
    return picture


def _opaque(picture: Image.Image) -> Image.Image:
    """Return it on white: what is transparent has any colour."""
    own = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", own.size, "white"), own).convert("RGB")
