"""Files that come with a report: what each is by its content, whatever it is called. Nothing is run or shown here.

Pictures are re-encoded, as every one that is brought along; animated GIFs, text and videos stay as they were sent, and
go to operators as downloads alone.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext
from PIL import Image as Pillow

from generation import picture_reading
from generation.errors import PictureRefused

FILES_MAX = 5
TEXT_MAX_BYTES = 2_000_000
VIDEO_MAX_BYTES = 25_000_000
# Of all files of a report together; looked at before any of them is read.
TOTAL_MAX_BYTES = 40_000_000
NAME_MAX_LENGTH = 100
ACCEPTED = ".png,.jpg,.jpeg,.webp,.gif,.txt,.log,.json,.mp4"
# Of text: the end of a line, a tab, a new page, and the escapes by which terminals colour their logs.
_TEXT_CONTROLS = frozenset("\t\n\r\f\x1b")


@dataclass(frozen=True)
class Attachment:
    """A file as it is kept; `name` is what it was called, without folders and signs that nobody sees."""

    name: str
    content: bytes
    suffix: str
    content_type: str


class AttachmentRefused(Exception):
    """A file that is not taken; its text is for whoever sent it."""


def read(name: str, content: bytes) -> Attachment:
    """Return a stranger's file as it is kept. Raises: AttachmentRefused."""
    called = _clean(name)
    kind = _kind_of(content)
    if kind == "picture":
        try:
            return Attachment(called, picture_reading.read(content).png, ".png", "image/png")
        except PictureRefused as error:
            words = gettext("“%(name)s” cannot be taken. %(reason)s")
            raise AttachmentRefused(words % {"name": called, "reason": error}) from None
    suffix, content_type, most = _KEPT_AS[kind]() if kind else ("", "", 0)
    if not kind:
        words = gettext("“%(name)s” is neither a PNG, JPEG, WebP or GIF picture, nor text, nor an MP4 video.")
        raise AttachmentRefused(words % {"name": called})
    if len(content) > most:
        raise AttachmentRefused(too_large(called, len(content), most))
    return Attachment(called, content, suffix, content_type)


def too_large(name: str, size_bytes: int, most_bytes: int) -> str:
    """Return what is said of a file beyond its bound."""
    words = gettext("“%(name)s” has %(size)s MB; %(most)s MB are the most for such a file.")
    return words % {"name": name, "size": f"{size_bytes / 1_000_000:.1f}", "most": most_bytes // 1_000_000}


def _kind_of(content: bytes) -> str:
    """Return what a file is by what is in it; empty where it is nothing that is taken."""
    if content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (content[:4], content[8:12]) == (
        b"RIFF",
        b"WEBP",
    ):
        return "picture"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "gif" if _is_gif(content) else ""
    if content[4:8] == b"ftyp":
        return "video" if _is_mp4(content) else ""
    return "text" if _is_text(content) else ""


# How each is kept: its ending, its type and its bound in bytes.
_KEPT_AS: dict[str, Callable[[], tuple[str, str, int]]] = {
    "gif": lambda: (".gif", "image/gif", settings.INPUT_IMAGE_MAX_BYTES),
    "text": lambda: (".txt", "text/plain", TEXT_MAX_BYTES),
    "video": lambda: (".mp4", "video/mp4", VIDEO_MAX_BYTES),
}


def _is_gif(content: bytes) -> bool:
    try:
        with Pillow.open(io.BytesIO(content), formats=["GIF"]) as picture:
            if max(picture.size) > settings.UPLOAD_SIDE_MAX:
                return False
            picture.load()
    except (OSError, ValueError, SyntaxError, EOFError, Pillow.DecompressionBombError):
        return False
    return True


def _is_mp4(content: bytes) -> bool:
    """Whether it is boxes from its first byte to its last, with those among them that a video has."""
    names, start = set(), 0
    while start < len(content):
        length, name = int.from_bytes(content[start : start + 4], "big"), content[start + 4 : start + 8]
        if length == 1:
            length = int.from_bytes(content[start + 8 : start + 16], "big")
        elif length == 0:
            length = len(content) - start
        if length < 8 or start + length > len(content):
            return False
        names.add(name)
        start += length
    return {b"moov", b"mdat"} <= names


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return bool(text) and all(sign >= " " or sign in _TEXT_CONTROLS for sign in text)


def _clean(name: str) -> str:
    """Return a file's name as people read it: its end, without folders and signs that nobody sees."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(sign for sign in last if sign.isprintable()).strip()
    return seen[-NAME_MAX_LENGTH:] or gettext("a file without a name")
