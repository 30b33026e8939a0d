"""Sound pictures that say more than their pixels do: one for each place where PNG, JPEG and WebP files keep words."""

import io
import struct
from collections.abc import Callable

from PIL import Image as Pillow
from PIL import ImageCms
from PIL.PngImagePlugin import PngInfo

# What is said, and must never be seen again.
MARK = b"SECRET-PLACE-52.5200N-13.4050E"
_SIZE = (48, 40)


def saved(form: str, **options: object) -> bytes:
    """Return a picture's file with what `options` have Pillow say beside it."""
    buffer = io.BytesIO()
    Pillow.new("RGB", _SIZE, (90, 140, 60)).save(buffer, form, **options)
    return buffer.getvalue()


def exif() -> bytes:
    """Return EXIF that tells a place, with GPS as cameras write it."""
    tags = Pillow.Exif()
    tags[0x010E] = MARK.decode()  # ImageDescription
    tags[0x8769] = {0x9286: b"ASCII\0\0\0" + MARK}  # UserComment
    tags[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 29: MARK.decode()}  # GPS: latitude, date
    return tags.tobytes()


def profile() -> bytes:
    """Return a colour profile that can be read, with words behind what is read of it."""
    sound = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + MARK)
    struct.pack_into(">I", sound, 0, len(sound))
    return bytes(sound)


def _text(*, is_zipped: bool) -> PngInfo:
    texts = PngInfo()
    texts.add_text("Comment", MARK.decode(), zip=is_zipped)
    return texts


def _long_text(*, is_zipped: bool) -> PngInfo:
    texts = PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", MARK.decode(), zip=is_zipped)
    return texts


def _press_words() -> bytes:
    """Return a JPEG with IPTC words (a place) in the segment where Photoshop keeps them."""
    dataset = b"\x1c\x02\x5a" + struct.pack(">H", len(MARK)) + MARK
    body = (
        b"Photoshop 3.0\x008BIM\x04\x04\x00\x00"
        + struct.pack(">I", len(dataset))
        + dataset
        + b"\0" * (len(dataset) % 2)
    )
    plain = saved("JPEG")
    return plain[:2] + b"\xff\xed" + struct.pack(">H", len(body) + 2) + body + plain[2:]


PLACES: dict[str, Callable[[], bytes]] = {
    "PNG tEXt": lambda: saved("PNG", pnginfo=_text(is_zipped=False)),
    "PNG zTXt": lambda: saved("PNG", pnginfo=_text(is_zipped=True)),
    "PNG iTXt": lambda: saved("PNG", pnginfo=_long_text(is_zipped=False)),
    "PNG iTXt, zipped": lambda: saved("PNG", pnginfo=_long_text(is_zipped=True)),
    "PNG eXIf": lambda: saved("PNG", exif=exif()),
    "PNG iCCP": lambda: saved("PNG", icc_profile=profile()),
    "JPEG COM": lambda: saved("JPEG", comment=MARK),
    "JPEG EXIF": lambda: saved("JPEG", exif=exif()),
    "JPEG XMP": lambda: saved("JPEG", xmp=MARK),
    "JPEG IPTC": _press_words,
    "JPEG ICC": lambda: saved("JPEG", icc_profile=profile()),
    "WebP EXIF": lambda: saved("WEBP", exif=exif()),
    "WebP XMP": lambda: saved("WEBP", xmp=MARK),
    "WebP ICCP": lambda: saved("WEBP", icc_profile=profile()),
}
