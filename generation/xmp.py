"""XMP packets in the files of pictures and videos: read, and put in with no pixel touched. PNG, WebP, GIF, MP4.

What belongs here: containers, and what every file that a model drew says at the least. What does not: licences and
whatever else is told of a picture (`provenance.py`). Knows no rows and no settings.
"""

import zlib
from collections.abc import Iterable, Iterator

# Source: IPTC NewsCodes, Digital Source Type: by a trained model, and by a program that learned from nothing.
MADE_BY_A_MODEL = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
MADE_BY_A_PROGRAM = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
# Keyword of the PNG chunk that holds XMP. Source: XMP specification, part 3, "PNG".
PNG_KEYWORD = "XML:com.adobe.xmp"

# Of small pictures: a packet of 253 bytes. What a whole packet begins and ends with is for programs that know no
# containers, and may be left out as may the element around it. Source: XMP specification, part 1, 7.3.
_SHORT = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" e:DigitalSourceType="{}"/>'
    "</rdf:RDF>"
)
_PNG, _PNG_HEAD = b"\x89PNG\r\n\x1a\n", PNG_KEYWORD.encode() + b"\0"
# Not compressed, in no language. Source: PNG specification, 11.3.3.4, iTXt.
_PNG_PLAIN = _PNG_HEAD + b"\0\0\0\0"
# Of a packed one, no more is unpacked.
_PACKET_MAX_BYTES = 1 << 20
# Source: WebP container specification, "Extended file format": this bit of the flags says that there is XMP.
_WEBP_XMP = 0x04
# Source: XMP specification, part 3, "GIF 89a": the block, and 258 bytes by which others find its end.
_GIF_HEAD, _GIF_TAIL = b"\x21\xff\x0bXMP DataXMP", b"\x01" + bytes(range(255, -1, -1)) + b"\0"
_GIF_END = b";"
# Source: XMP specification, part 3, "MPEG-4": the top-level box that holds an XMP packet.
_MP4_ID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def short_packet(source: str = MADE_BY_A_MODEL) -> str:
    """Return the shortest packet that says what drew a picture."""
    return _SHORT.format(source)


def read(content: bytes) -> str:
    """Return the packet of a file; empty where it has none, is of another kind, or is broken."""
    try:
        return _READERS[_kind_of(content)](content).decode()
    except (ValueError, zlib.error):
        return ""


def put(content: bytes, packet: str) -> bytes:
    """Return the file with this packet in the place of the one that it had. Raises: ValueError for no such file."""
    return _WRITERS[_kind_of(content)](content, packet.encode())


def webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give name and content of each chunk of a WebP. Raises: ValueError."""
    start, over = 12, min(8 + int.from_bytes(content[4:8], "little"), len(content))
    while start + 8 <= over:
        length = int.from_bytes(content[start + 4 : start + 8], "little")
        if start + 8 + length > over:
            raise ValueError("this WebP ends within a chunk")
        yield content[start : start + 4], content[start + 8 : start + 8 + length]
        start += 8 + length + length % 2


def webp_of(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a WebP of these chunks."""
    body = b"WEBP" + b"".join(
        name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _kind_of(content: bytes) -> str:
    if content.startswith(_PNG):
        return "png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if content[4:8] == b"ftyp":
        return "mp4"
    raise ValueError("this is not a PNG, WebP, GIF or MP4")


def _read_png(content: bytes) -> bytes:
    start, end = _png_place(content)
    if start == end:
        return b""
    flags = content[start + 8 + len(_PNG_HEAD) : end - 4]
    _, _, text = flags[2:].split(b"\0", 2)
    return zlib.decompressobj().decompress(text, _PACKET_MAX_BYTES) if flags[:1] == b"\1" else text


def _put_png(content: bytes, packet: bytes) -> bytes:
    start, end = _png_place(content)
    data = b"iTXt" + _PNG_PLAIN + packet
    chunk = (len(data) - 4).to_bytes(4, "big") + data + zlib.crc32(data).to_bytes(4, "big")
    return content[:start] + chunk + content[end:]


def _png_place(content: bytes) -> tuple[int, int]:
    """Return where the chunk with the packet begins and ends; where it has none, twice where its pixels begin."""
    start = len(_PNG)
    while True:
        length, kind = int.from_bytes(content[start : start + 4], "big"), content[start + 4 : start + 8]
        end = start + 12 + length
        if len(kind) < 4 or end > len(content):
            raise ValueError("this PNG ends before its pixels")
        if kind == b"IDAT":
            return start, start
        if kind == b"iTXt" and content.startswith(_PNG_HEAD, start + 8):
            return start, end
        start = end


def _read_webp(content: bytes) -> bytes:
    return next((data for name, data in webp_chunks(content) if name == b"XMP "), b"")


def _put_webp(content: bytes, packet: bytes) -> bytes:
    chunks = [(name, data) for name, data in webp_chunks(content) if name != b"XMP "]
    if not chunks:
        raise ValueError("this WebP holds nothing")
    if chunks[0][0] != b"VP8X":
        chunks.insert(0, (b"VP8X", _webp_header(*chunks[0])))
    name, header = chunks[0]
    chunks[0] = (name, bytes([header[0] | _WEBP_XMP]) + header[1:])
    chunks.append((b"XMP ", packet))
    return webp_of(chunks)


def _webp_header(name: bytes, data: bytes) -> bytes:
    """Return what an extended file begins with: flags, and width and height less one, three bytes each."""
    if name == b"VP8 ":
        # Source: RFC 6386, 9.1: after a tag and a start code of three bytes each, 14 bits of each side.
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        flags = 0
    elif name == b"VP8L":
        # Source: RFC 9649, 3.4: after the signature, 14 bits of each side less one, then whether there is alpha.
        bits = int.from_bytes(data[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = 0x10 if bits >> 28 & 1 else 0
    else:
        raise ValueError("this WebP begins with no picture")
    return bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def _read_gif(content: bytes) -> bytes:
    start = _gif_place(content)
    return content[start + len(_GIF_HEAD) : -len(_GIF_TAIL + _GIF_END)] if start < len(content) - 1 else b""


def _put_gif(content: bytes, packet: bytes) -> bytes:
    return content[: _gif_place(content)] + _GIF_HEAD + packet + _GIF_TAIL + _GIF_END


def _gif_place(content: bytes) -> int:
    """Return where the packet's block begins, which is the last; where there is none, where the file's end sign is.

    It stands last because some programs look for how often a GIF goes round in the first block alone.
    """
    if not content.endswith(_GIF_END):
        raise ValueError("this GIF has no end")
    start = content.rfind(_GIF_HEAD) if content.endswith(_GIF_TAIL + _GIF_END) else -1
    return start if start >= 0 else len(content) - 1


def _read_mp4(content: bytes) -> bytes:
    return next((content[start + 24 : end] for start, end in _mp4_packets(content)), b"")


def _put_mp4(content: bytes, packet: bytes) -> bytes:
    for start, end in _mp4_packets(content):
        if end == len(content):
            content = content[:start]
        else:
            # What stands behind it is found by its distance from the beginning: nothing may move.
            content = content[: start + 4] + b"free" + content[start + 8 :]
    return content + (24 + len(packet)).to_bytes(4, "big") + b"uuid" + _MP4_ID + packet


def _mp4_packets(content: bytes) -> list[tuple[int, int]]:
    """Return where the boxes with a packet begin and end."""
    found, start = [], 0
    while start + 8 <= len(content):
        length, name = int.from_bytes(content[start : start + 4], "big"), content[start + 4 : start + 8]
        if length == 1:
            length = int.from_bytes(content[start + 8 : start + 16], "big")
        elif length == 0:
            length = len(content) - start
        if length < 8 or start + length > len(content):
            raise ValueError("this MP4 ends within a box")
        if name == b"uuid" and content[start + 8 : start + 24] == _MP4_ID:
            found.append((start, start + length))
        start += length
    return found


_READERS = {"png": _read_png, "webp": _read_webp, "gif": _read_gif, "mp4": _read_mp4}
_WRITERS = {"png": _put_png, "webp": _put_webp, "gif": _put_gif, "mp4": _put_mp4}
