"""Primary keys that are ordered by time."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> UUID:
    """Return a version 7 UUID: its order is the order of creation. Source: RFC 9562, section 5.7."""
    return _uuid7()


def first_id(moment: datetime) -> UUID:
    """Return the least version 7 UUID of a moment: every id made from then on is at least this one."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62)
