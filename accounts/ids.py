"""Primary keys that are ordered by time."""

from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> UUID:
    """Return a version 7 UUID: its order is the order of creation. Source: RFC 9562, section 5.7."""
    return _uuid7()
