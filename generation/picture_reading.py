"""Open a picture that a stranger sent, and give back its pixels in a file of our own making.

PNG, JPEG and WebP by their first bytes and by named format; sides and pixels are looked at before anything is decoded.
Handled: orientation, colour profiles, palettes, greys, 16 bits, CMYK. Refused with a reason: animations, truncated
files, anything else. Nothing but pixels comes out.
"""

import base64
import hashlib
import io
import struct
import threading
import zlib
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps

from generation.errors import PictureRefused
from generation.picture_encoding import placeholder_of, png_of, thumbnail_of

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
# What decoders of damaged files have been seen to raise.
_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)
_PROFILE_MAX_BYTES = 1 << 20
# A large picture takes a few hundred megabytes while it is open; more threads than this would take the machine's.
_turns = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Encoded:
    """A picture as it is kept; `darkest` and `lightest` are its greys' bounds, 0 to 255."""

    png: bytes
    thumbnail: bytes
    placeholder: str
    width: int
    height: int
    is_transparent: bool
    darkest: int
    lightest: int

    @cached_property
    def sha256(self) -> str:
        """Of the file as it is kept: equal for equal pixels."""
        return hashlib.sha256(self.png).hexdigest()


def read(content: bytes, *, is_grey: bool = False) -> Encoded:
    """Return a stranger's picture, re-encoded; with `is_grey` as a mask is kept. Raises: PictureRefused."""
    named = _format_of(content)
    if not named:
        raise PictureRefused(
            "not_a_picture", gettext("This is not a PNG, JPEG or WebP picture. Save it as one of these.")
        )
    limit = settings.INPUT_IMAGE_MAX_BYTES
    if len(content) > limit:
        message = gettext("The file has %(size)s MB; %(most)s MB are the most.") % {
            "size": f"{len(content) / 1000000.0:.1f}",
            "most": limit // 1000000,
        }
        raise PictureRefused("file_too_large", message)
    with _turns:
        return _encode(_open(content, named, is_grey))


def _format_of(content: bytes) -> str:
    """Return the format that the first bytes tell; empty where it is none that is taken."""
    if content.startswith(_PNG):
        return "PNG"
    if content.startswith(_JPEG):
        return "JPEG"
    return "WEBP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def _open(content: bytes, named: str, is_grey: bool) -> Pillow.Image:
    """Return the pixels: mode L for a mask, else RGB or RGBA."""
    try:
        with Pillow.open(io.BytesIO(content), formats=[named]) as picture:
            _check_sides(picture)
            # Phones hang a second picture or a depth map on a JPEG; the first one is meant.
            if getattr(picture, "is_animated", False) and picture.format != "MPO":
                raise PictureRefused("animated", gettext("This picture moves. Save one of its frames and send that."))
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            return _grey(upright) if is_grey else _coloured(upright)
    except PictureRefused:
        raise
    except Pillow.DecompressionBombError:
        raise PictureRefused(
            "too_many_pixels", gettext("The picture has far too many pixels; %(most)s.") % {"most": _most()}
        ) from None
    except _DAMAGED:
        raise PictureRefused(
            "damaged", gettext("The file is damaged or not complete. Save it anew and send that.")
        ) from None


def _check_sides(picture: Pillow.Image) -> None:
    width, height = picture.size
    if max(picture.size) > settings.UPLOAD_SIDE_MAX:
        message = gettext("The picture is %(width)s × %(height)s pixels; %(most)s a side are the most.") % {
            "width": width,
            "height": height,
            "most": settings.UPLOAD_SIDE_MAX,
        }
        raise PictureRefused("too_many_pixels", message)
    if width * height > settings.UPLOAD_PIXELS_MAX:
        message = gettext(
            "The picture is %(width)s × %(height)s, %(millions)s million pixels; %(most)s. Make it smaller."
        ) % {
            "width": width,
            "height": height,
            "millions": f"{width * height / 1000000.0:.1f}",
            "most": _most(),
        }
        raise PictureRefused("too_many_pixels", message)


def _most() -> str:
    return gettext("%(most)s million are the most") % {"most": f"{settings.UPLOAD_PIXELS_MAX / 1000000.0:.1f}"}


def _coloured(picture: Pillow.Image) -> Pillow.Image:
    """Return RGB, or RGBA where something is transparent; colours as sRGB has them."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):
        picture = _eight_bits(picture)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        if picture.getchannel("A").getextrema() == (255, 255):
            picture = picture.convert("RGB")
    elif picture.mode not in ("RGB", "CMYK"):
        picture = picture.convert("RGB")
    return _in_srgb(picture, profile)


def _eight_bits(picture: Pillow.Image) -> Pillow.Image:
    """Return 16-bit grey as 8-bit grey; `convert` would cut it off at 255."""
    return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")


def _in_srgb(picture: Pillow.Image, profile: object) -> Pillow.Image:
    """Return the colours that the picture's own profile means; a profile that can't be read counts as none."""
    if isinstance(profile, bytes) and len(profile) <= _PROFILE_MAX_BYTES:
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, own, srgb, outputMode=mode)
        except (ImageCms.PyCMSError, *_DAMAGED):
            converted = None
        if converted is not None:
            return converted
    return picture.convert("RGB") if picture.mode == "CMYK" else picture


def _grey(picture: Pillow.Image) -> Pillow.Image:
    """Return a mask's grey; where it is transparent it is black."""
    if picture.mode.startswith("I"):
        return _eight_bits(picture)
    if picture.has_transparency_data:
        coloured = picture.convert("RGBA")
        black = Pillow.new("RGBA", coloured.size, (0, 0, 0, 255))
        return Pillow.alpha_composite(black, coloured).convert("L")
    return picture.convert("RGB").convert("L") if picture.mode == "P" else picture.convert("L")


def _encode(picture: Pillow.Image) -> Encoded:
    # A copy of pixels alone: `info` would carry comments and profiles into the file.
    picture.info = {}
    grey = picture if picture.mode == "L" else picture.convert("L")
    darkest, lightest = grey.getextrema()
    return Encoded(
        png=png_of(picture, {}),
        thumbnail=thumbnail_of(picture),
        placeholder=placeholder_of(picture),
        width=picture.width,
        height=picture.height,
        is_transparent=picture.mode == "RGBA",
        darkest=int(darkest),  # type: ignore[arg-type]
        lightest=int(lightest),  # type: ignore[arg-type]
    )


def decode_base64(text: str) -> bytes:
    """Return the file in base64, bare or as a data address. Raises: PictureRefused."""
    if text.startswith("data:"):
        head, comma, text = text.partition(",")
        if not comma or not head.endswith(";base64"):
            raise PictureRefused("invalid_base64", gettext("A data address of a picture is “data:image/png;base64,…”."))
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise PictureRefused(
            "invalid_base64", gettext("This is not valid base64: a character or its end is wrong.")
        ) from None
