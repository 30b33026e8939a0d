"""A video's files without what they say of themselves: MP4, animated WebP, GIF. No frame is touched or encoded anew.

What belongs here: containers, and which of their parts carry frames. What does not: XMP, which is put in afterwards
(`xmp.py`), and what is said in it (`provenance.py`). Knows no rows and no settings.
"""

import struct
from collections.abc import Iterator

from generation import xmp

# Source: C2PA specification 2.2, appendix A: where the manifest stands in each container.
_MP4_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_WEBP_C2PA, _GIF_C2PA = b"C2PA", b"C2PA_GIF"
# Source: RFC 9649, 2.7: what is drawn and how often; colours are part of it. Flags: Exif and XMP.
_WEBP_DRAWN = {b"VP8X", b"ANIM", b"ANMF", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"}
_WEBP_SAID = 0x08 | 0x04
# How often a GIF goes round. Of the other extensions only the one before a frame says how it is drawn.
_GIF_LOOP, _GIF_CONTROL, _GIF_APPLICATION = b"NETSCAPE2.0", 0xF9, 0xFF
_GIF_EXTENSION, _GIF_FRAME, _GIF_END = 0x21, 0x2C, 0x3B
# Source: ISO/IEC 14496-12: what holds other boxes on the way to where the samples lie, and of what width an offset is.
_MP4_PATH = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_MP4_OFFSETS = {b"stco": ">I", b"co64": ">Q"}


def bare(content: bytes) -> bytes:
    """Return the file with its frames and nothing else. Raises: ValueError for no such file."""
    return _without(content, is_bare=True)


def without_credentials(content: bytes) -> bytes:
    """Return the file without its content credentials (C2PA). Raises: ValueError for no such file."""
    return _without(content, is_bare=False)


def _without(content: bytes, *, is_bare: bool) -> bytes:
    try:
        if content[4:8] == b"ftyp":
            return _mp4(content, is_bare)
        if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            return _webp(content, is_bare)
        if content.startswith((b"GIF87a", b"GIF89a")):
            return _gif(content, is_bare)
    except (IndexError, struct.error) as error:
        raise ValueError("this video ends before its last frame") from error
    raise ValueError("this is not an MP4, WebP or GIF")


def _webp(content: bytes, is_bare: bool) -> bytes:
    if 8 + int.from_bytes(content[4:8], "little") > len(content):
        raise ValueError("this WebP ends before its last frame")
    kept = [
        (name, bytes([data[0] & ~_WEBP_SAID]) + data[1:] if is_bare and name == b"VP8X" else data)
        for name, data in xmp.webp_chunks(content)
        if (name in _WEBP_DRAWN if is_bare else name != _WEBP_C2PA)
    ]
    return xmp.webp_of(kept)


def _gif(content: bytes, is_bare: bool) -> bytes:
    start = 13 + _gif_colours(content[10])
    kept = [content[:start]]
    while content[start] != _GIF_END:
        if content[start] == _GIF_FRAME:
            # The frame's own palette, then one byte: how many bits a colour's number has.
            end = _gif_blocks_end(content, start + 10 + _gif_colours(content[start + 9]) + 1)
        elif content[start] == _GIF_EXTENSION:
            end = _gif_blocks_end(content, start + 2)
        else:
            raise ValueError("this GIF is broken")
        if _gif_stays(content, start, is_bare):
            kept.append(content[start:end])
        start = end
    return b"".join(kept) + content[start : start + 1]


def _gif_stays(content: bytes, start: int, is_bare: bool) -> bool:
    if content[start] == _GIF_FRAME:
        return True
    kind, name = content[start + 1], content[start + 3 : start + 14]
    is_program = kind == _GIF_APPLICATION
    if not is_bare:
        return not (is_program and name.startswith(_GIF_C2PA))
    return kind == _GIF_CONTROL or (is_program and name == _GIF_LOOP)


def _gif_colours(flags: int) -> int:
    """Return how many bytes a palette has: three a colour."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_blocks_end(content: bytes, start: int) -> int:
    while content[start]:
        start += content[start] + 1
    return start + 1


def _mp4(content: bytes, is_bare: bool) -> bytes:
    parts: list[bytes] = []
    moves: list[tuple[int, int, int]] = []
    place = 0
    for name, start, end in _mp4_boxes(content, 0, len(content)):
        is_said = name in (b"uuid", b"free", b"meta") if is_bare else _is_mp4_c2pa(content, name, start)
        if is_said:
            continue
        part = content[start:end]
        if is_bare and name == b"moov":
            part = _mp4_without_words(part)
        parts.append(part)
        moves.append((start, end, place - start))
        place += len(part)
    return b"".join(_mp4_moved(part, moves) if part[4:8] == b"moov" else part for part in parts)


def _is_mp4_c2pa(content: bytes, name: bytes, start: int) -> bool:
    return name == b"uuid" and content[start + 8 : start + 24] == _MP4_C2PA


def _mp4_without_words(moov: bytes) -> bytes:
    """Return the film's own box without title, comment and the like."""
    kept = [moov[start:end] for name, start, end in _mp4_boxes(moov, 8, len(moov)) if name not in (b"udta", b"meta")]
    body = b"".join(kept)
    return (8 + len(body)).to_bytes(4, "big") + b"moov" + body


def _mp4_moved(moov: bytes, moves: list[tuple[int, int, int]]) -> bytes:
    """Return the film's box with the places of its samples as they are now, counted from the file's beginning."""
    moved = bytearray(moov)
    for name, start, _ in _mp4_tables(moov, 0, len(moov), _MP4_PATH):
        width = _MP4_OFFSETS[name]
        (count,) = struct.unpack_from(">I", moov, start + 12)
        for at in range(start + 16, start + 16 + count * struct.calcsize(width), struct.calcsize(width)):
            (offset,) = struct.unpack_from(width, moov, at)
            by = next((by for begins, ends, by in moves if begins <= offset < ends), None)
            if by is None:
                raise ValueError("this MP4's samples are not where it says")
            struct.pack_into(width, moved, at, offset + by)
    return bytes(moved)


def _mp4_tables(content: bytes, start: int, end: int, path: tuple[bytes, ...]) -> Iterator[tuple[bytes, int, int]]:
    for name, begins, ends in _mp4_boxes(content, start, end):
        if path and name == path[0]:
            yield from _mp4_tables(content, begins + 8, ends, path[1:])
        elif not path and name in _MP4_OFFSETS:
            yield name, begins, ends


def _mp4_boxes(content: bytes, start: int, over: int) -> Iterator[tuple[bytes, int, int]]:
    """Give name, beginning and end of each box between two places."""
    while start + 8 <= over:
        length, name = struct.unpack_from(">I4s", content, start)
        if length == 1:
            (length,) = struct.unpack_from(">Q", content, start + 8)
        elif length == 0:
            length = over - start
        if length < 8 or start + length > over:
            raise ValueError("this MP4 ends within a box")
        yield name, start, start + length
        start += length
