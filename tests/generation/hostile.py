"""Files that mean harm, or only went wrong: made from a seed, so that a run of them can be had again.

Each comes with a name for the report. Every metadata that a file carries holds `wordy.MARK`, which must never be seen
again.
"""

import io
import random
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from tests.generation import wordy
from tests.generation.wordy import MARK

_PNG = b"\x89PNG\r\n\x1a\n"


def files(count: int, seed: int = 6) -> Iterator[tuple[str, bytes]]:
    """Yield so many hostile files, each kind in turn."""
    rng = random.Random(seed)
    kinds = (truncated, flipped, noisy_header, marked, animated, bomb, polyglot, odd_mode, wrong_name, mangled_chunk)
    for index in range(count):
        kind = largest if index % 100 == 50 else kinds[index % len(kinds)]
        yield f"{index}-{kind.__name__}", kind(rng)


def plain(rng: random.Random, form: str = "", size: tuple[int, int] | None = None) -> bytes:
    """Return a sound file with marked metadata."""
    form = form or rng.choice(("PNG", "JPEG", "WEBP"))
    width, height = size or (rng.randint(1, 200), rng.randint(1, 200))
    pixels = np.random.default_rng(rng.randrange(2**32)).integers(0, 256, (height, width, 3), np.uint8)
    exif = Pillow.Exif()
    exif[0x010E] = MARK.decode()  # ImageDescription
    exif[0x0112] = rng.randint(0, 9)  # Orientation, some of them none
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)  # GPSLatitude
    texts = PngInfo()
    texts.add_text("Comment", MARK.decode())
    texts.add_itxt("XML:com.adobe.xmp", MARK.decode(), zip=True)
    kinds: dict[str, dict[str, object]] = {"PNG": {"pnginfo": texts}, "JPEG": {"comment": MARK}, "WEBP": {"xmp": MARK}}
    return _saved(Pillow.fromarray(pixels), form, exif=exif.tobytes(), **kinds[form])


def largest(rng: random.Random) -> bytes:
    """Be as large as is taken in: 16 million pixels, of a kind that is dear to read."""
    form = rng.choice(("PNG", "JPEG", "WEBP"))
    if form == "PNG":
        return _saved(Pillow.new("RGBA", (4000, 4000), (9, 8, 7, 6)), "PNG", compress_level=1)
    tile = Pillow.fromarray(np.random.default_rng(rng.randrange(2**32)).integers(0, 256, (50, 50, 3), np.uint8))
    large = tile.resize((4000, 4000), Pillow.Resampling.BILINEAR)
    more: dict[str, object] = {"progressive": True} if form == "JPEG" else {"method": 0}
    return _saved(large, form, quality=80, **more)


def truncated(rng: random.Random) -> bytes:
    """End somewhere in the middle."""
    content = plain(rng)
    return content[: rng.randint(0, len(content) - 1)]


def flipped(rng: random.Random) -> bytes:
    """Change some bytes anywhere."""
    content = bytearray(plain(rng))
    for _ in range(rng.randint(1, 30)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content)


def noisy_header(rng: random.Random) -> bytes:
    """Go on as noise after a good beginning."""
    head = rng.choice((_PNG, b"\xff\xd8\xff\xe0", b"RIFF\x00\x01\x00\x00WEBPVP8 ", _PNG + b"\x00\x00\x00\rIHDR"))
    return head + rng.randbytes(rng.randint(0, 5000))


def marked(rng: random.Random) -> bytes:
    """Be sound, and say more than one wants said, in one place or in several."""
    return rng.choice(list(wordy.PLACES.values()))() if rng.random() < 0.5 else plain(rng)


def animated(rng: random.Random) -> bytes:
    """Move."""
    frames = [Pillow.new("RGB", (40, 30), (step * 40, 0, 0)) for step in range(5)]
    form = rng.choice(("PNG", "WEBP"))
    return _saved(frames[0], form, save_all=True, append_images=frames[1:], duration=50)


def bomb(rng: random.Random) -> bytes:
    """Be small and become large: in pixels, in text, in a profile."""
    kind = rng.randrange(4)
    if kind == 0:
        side = rng.choice((4_500, 20_000, 60_000, 2**31 - 1))
        return _png(side, side, zlib.compress(bytes(1000)))
    if kind == 1:  # wide and flat: few pixels, a row of many
        return _png(2**30, 1, zlib.compress(bytes(1000)))
    inflated = zlib.compress(bytes(80_000_000), 9)
    if kind == 2:
        return _png(4, 4, zlib.compress(bytes(52)), (b"zTXt", b"Comment\x00\x00" + inflated))
    return _png(4, 4, zlib.compress(bytes(52)), (b"iCCP", b"icc\x00\x00" + inflated))


def polyglot(rng: random.Random) -> bytes:
    """Be a picture and something else as well."""
    tail = rng.choice((b"<script>alert(1)</script>", b"PK\x03\x04" + bytes(200), b"%PDF-1.7 " + MARK, b"#!/bin/sh\n"))
    if rng.random() < 0.3:
        return tail + plain(rng)
    return plain(rng) + tail + MARK


def odd_mode(rng: random.Random) -> bytes:
    """Have pixels of another kind than most."""
    side = rng.randint(1, 64)
    kind = rng.randrange(7)
    noise = np.random.default_rng(rng.randrange(2**32))
    if kind == 0:
        return _saved(Pillow.fromarray(noise.integers(0, 65536, (side, side), np.uint16)), "PNG")
    if kind == 1:
        return _saved(Pillow.new("CMYK", (side, side), (9, 80, 7, 60)), "JPEG")
    if kind == 2:
        picture = Pillow.fromarray(noise.integers(0, 256, (side, side, 3), np.uint8)).quantize(16)
        return _saved(picture, "PNG", transparency=3)
    if kind == 3:
        return _saved(Pillow.new("LA", (side, side), (90, 120)), "PNG")
    if kind == 4:
        return _saved(Pillow.new("1", (side, side), 1), "PNG")
    if kind == 5:
        return _saved(Pillow.new("RGBA", (side, side), (1, 2, 3, 4)), "WEBP", lossless=True)
    return _saved(Pillow.new("L", (side, side), 77), "JPEG", icc_profile=MARK * rng.randint(1, 50))


def wrong_name(rng: random.Random) -> bytes:
    """Be something else altogether."""
    picture = Pillow.new("RGB", (20, 20), (1, 2, 3))
    others = [_saved(picture, form) for form in ("GIF", "BMP", "TIFF", "ICO", "PPM")]
    return rng.choice([*others, b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG", rng.randbytes(300)])


def mangled_chunk(rng: random.Random) -> bytes:
    """Be a PNG with a chunk that lies: of its length, of its colours, of what it is."""
    width, height = rng.randint(0, 50), rng.randint(0, 50)
    name = rng.choice((b"tRNS", b"PLTE", b"eXIf", b"acTL", b"fcTL", b"iTXt", b"IHDR", b"\xff\x00\xff\x00"))
    body = rng.randbytes(rng.randint(0, 60)) + MARK
    data = zlib.compress(rng.randbytes(rng.randint(0, 8000)))
    depth, colour = rng.choice((1, 2, 3, 8, 16)), rng.choice((0, 2, 3, 4, 6))
    return _png(width, height, data, (name, body), depth=depth, colour=colour)


def _saved(picture: Pillow.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def _png(width: int, height: int, data: bytes, *more: tuple[bytes, bytes], depth: int = 8, colour: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", header), *more, (b"IDAT", data), (b"IEND", b"")]
    return _PNG + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
