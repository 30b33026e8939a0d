"""Pixels as files: the lossless original, thumbnails, a placeholder. Knows no storage, no rows and no settings."""

import base64
import hashlib
import io
import math
import zlib
from collections.abc import Mapping

from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

THUMBNAIL_SIDES = (320, 640)
_PLACEHOLDER_SIDE = 8
# After PNG's filters there are runs of equal bytes and little else to find: looking for runs alone takes half the time
# of the default strategy at the default level, for the same bytes.
_PNG = {"compress_level": 1, "compress_type": zlib.Z_RLE}
# Quality and method, tried in turn until a thumbnail is as small as is asked for: at 128 pixels a side a tenth of the
# PNG is tight, and a few things on white are a very small PNG. The last stays, whatever it weighs.
_WEBP = ((76, 2), (60, 6), (45, 6), (35, 6), (25, 6))


def png_of(picture: Pillow.Image, texts: Mapping[str, str]) -> bytes:
    """Return a picture's lossless file with these texts in it."""
    buffer = io.BytesIO()
    chunks = PngInfo()
    for keyword, text in texts.items():
        chunks.add_itxt(keyword, text)  # UTF-8; a tEXt chunk would be Latin-1
    picture.save(buffer, "PNG", pnginfo=chunks, **_PNG)
    return buffer.getvalue()


def thumbnails_of(picture: Pillow.Image, packet: str = "", most: float = math.inf) -> list[bytes]:
    """Return the thumbnails as WebP with this XMP, smallest first; each is shrunk from the next larger one.

    Their quality is lowered, to a floor, until they have at most `most` bytes.
    """
    encoded: list[bytes] = []
    larger = picture
    for side in sorted(THUMBNAIL_SIDES, reverse=True):
        small = _shrink(larger, side)
        # A picture that fits the smaller frame as well is the same in both.
        encoded.append(encoded[-1] if encoded and small.size == larger.size else _webp(small, packet, most))
        larger = small
    return encoded[::-1]


def thumbnail_of(picture: Pillow.Image, packet: str = "") -> bytes:
    """Return the smaller thumbnail of a picture as WebP with this XMP."""
    return _webp(_shrink(picture, min(THUMBNAIL_SIDES)), packet)


def placeholder_of(picture: Pillow.Image) -> str:
    """Return a WebP of a few pixels in base64, which stands in until the picture has loaded."""
    tiny = picture.copy()
    tiny.thumbnail((_PLACEHOLDER_SIDE, _PLACEHOLDER_SIDE), Pillow.Resampling.BOX)
    buffer = io.BytesIO()
    tiny.save(buffer, "WEBP", quality=50, method=0)
    return base64.b64encode(buffer.getvalue()).decode()


def pixels_sha256_of(picture: Pillow.Image) -> str:
    """Return the checksum of a picture's pixels: row by row, three or four bytes each, whatever its file says."""
    return hashlib.sha256(picture.tobytes()).hexdigest()


def on_white(picture: Pillow.Image) -> Pillow.Image:
    """Return a picture without transparency, which JPEG does not know."""
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    ground = Pillow.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _shrink(picture: Pillow.Image, side: int) -> Pillow.Image:
    """Shrink to at most `side` pixels; a picture that is smaller keeps its size."""
    small = picture.copy()
    small.thumbnail((side, side), Pillow.Resampling.LANCZOS)
    return small


def _webp(picture: Pillow.Image, packet: str, most: float = math.inf) -> bytes:
    content = b""
    for quality, method in _WEBP:
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=method, xmp=packet.encode())
        content = buffer.getvalue()
        if len(content) <= most:
            break
    return content
