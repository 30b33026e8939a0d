"""A file that somebody shows us, as its checksum: it is read once, piece by piece, and never kept."""

import hashlib
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler


class UploadDigest(FileUploadHandler):
    """Takes the first file of a form, instead of Django's own handlers, which write larger ones to disk."""

    def __init__(self, *, max_bytes: int, keep_bytes: int) -> None:
        """Read no more than `max_bytes`; a file of up to `keep_bytes` can be read afterwards, as `content`."""
        super().__init__()
        self._max_bytes, self._keep_bytes = max_bytes, keep_bytes
        self._hash = hashlib.sha256()
        self._kept = bytearray()
        self._files = 0
        self.size_bytes = 0

    @property
    def has_file(self) -> bool:
        """Whether a file came at all."""
        return self._files > 0

    @property
    def is_too_large(self) -> bool:
        """Whether the file was longer than is read here."""
        return self.size_bytes > self._max_bytes

    @property
    def sha256(self) -> str:
        """The file's checksum."""
        return self._hash.hexdigest()

    @property
    def content(self) -> bytes:
        """The file itself; empty where it was too long to be kept."""
        return bytes(self._kept) if self.size_bytes <= self._keep_bytes else b""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Note that another file begins."""
        super().new_file(*args, **kwargs)
        self._files += 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002  (Django's signature)
        """Add a piece to the checksum; nobody else gets it."""
        if self._files > 1:
            return
        self.size_bytes += len(raw_data)
        # What is too long is read to its end all the same: a browser that is cut off shows no answer.
        if not self.is_too_large:
            self._hash.update(raw_data)
        if self.size_bytes <= self._keep_bytes:
            self._kept += raw_data

    def file_complete(self, file_size: int) -> None:
        """Hand nothing on."""
