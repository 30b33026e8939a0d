"""What a picture's file is made of: the names of a PNG's or a WebP's chunks, as they stand in the file."""

import struct

# What holds pixels, colours of pixels or their transparency, and no words.
OF_PIXELS = frozenset({"IHDR", "PLTE", "tRNS", "IDAT", "IEND", "VP8 ", "VP8L", "VP8X", "ALPH"})


def names(content: bytes) -> set[str]:
    """Return the names of all chunks. Fails where anything stands between or behind them."""
    found = list(_of_png(content) if content.startswith(b"\x89PNG\r\n\x1a\n") else _of_webp(content))
    assert found
    return set(found)


def _of_png(content: bytes) -> list[str]:
    found, at = [], 8
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        found.append(content[at + 4 : at + 8].decode("latin-1"))
        at += 12 + length
    assert (found[-1], at) == ("IEND", len(content))
    return found


def _of_webp(content: bytes) -> list[str]:
    (length,) = struct.unpack_from("<I", content, 4)
    assert (content[:4], content[8:12], 8 + length) == (b"RIFF", b"WEBP", len(content))
    found, at = [], 12
    while at < len(content):
        (length,) = struct.unpack_from("<I", content, at + 4)
        found.append(content[at : at + 4].decode("latin-1"))
        at += 8 + length + length % 2
    return found
