"""Pickles for tests that make a folder once they are opened: whoever reads them runs what is in them."""

import io
import os
import pickle
import zipfile
from pathlib import Path

SUFFIXES = (".bin", ".ckpt", ".pt", ".pth")


class _Trap:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


def trap(mark: Path, *, is_archive: bool = False) -> bytes:
    """Return a pickle that makes the folder `mark`; `is_archive`: as torch saves them, in a zip."""
    content = pickle.dumps(_Trap(mark))
    if not is_archive:
        return content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/version", "3\n")
    return buffer.getvalue()


def has_sprung(mark: Path) -> bool:
    """Return whether a pickle was opened."""
    return mark.exists()
