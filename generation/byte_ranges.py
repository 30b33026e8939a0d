"""Parts of a file that a browser asks for, as it does to seek in a video. Source: RFC 9110, section 14.

What belongs here: what a header means for a file of a known length. What does not: answering it.
"""

import re
from dataclasses import dataclass

# One range; several in one request are allowed to be answered with the whole file, and are.
_RANGE = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*")


@dataclass(frozen=True)
class ByteRange:
    """From the byte at `start` to the byte at `end`, both counted in."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes these are."""
        return self.end - self.start + 1


class NotSatisfiable(ValueError):
    """The range lies wholly behind the file's end."""


def parse(header: str, size: int) -> ByteRange | None:
    """Return what of a file of `size` bytes is asked for; None for all of it. Raises: NotSatisfiable."""
    match = _RANGE.fullmatch(header)
    if match is None or match.groups() == ("", ""):
        return None  # not ours to understand: then the whole is the answer
    first, last = match.groups()
    if first == "":
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
    if start >= size or (first == "" and int(last) == 0):
        raise NotSatisfiable
    return ByteRange(start, end)
