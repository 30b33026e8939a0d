"""Are a model's files the ones that were shipped: SHA-256 of each, listed beside them in ``checksums.json``.

What belongs here: checksums of files on disk, without torch, so that a start can be refused before anything heavy
is loaded. What does not: what the files hold.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import cast

CHECKSUMS_NAME = "checksums.json"


class DamagedWeights(Exception):
    """A weights file is missing or is not the file that was shipped."""

    def __init__(self, path: Path, expected: str, found: str | None) -> None:
        """Keep the facts: ``found`` is None when the file is missing."""
        self.path = path
        self.expected = expected
        self.found = found
        state = "is missing" if found is None else f"has the sha256 {found}"
        super().__init__(f"{path} {state}; expected the sha256 {expected}")


def verify_checksums(folder: Path) -> None:
    """Compare every file that ``checksums.json`` lists with the checksum it lists.

    Raises:
        DamagedWeights: a file, or the list itself, is missing or differs.
    """
    checksums_path = folder / CHECKSUMS_NAME
    if not checksums_path.is_file():
        raise DamagedWeights(checksums_path, "any", None)
    try:
        expected_by_name = cast(dict[str, str], json.loads(checksums_path.read_text()))
    except ValueError as error:
        raise DamagedWeights(checksums_path, "a JSON object", hash_file(checksums_path)) from error
    for name, expected in expected_by_name.items():
        verify_file(folder / name, expected)


def listed(folder: Path) -> dict[str, str]:
    """Return the checksums that a folder lists, by file; nothing where it has no list that can be read."""
    try:
        return cast(dict[str, str], json.loads((folder / CHECKSUMS_NAME).read_text()))
    except (OSError, ValueError):
        return {}


def write_checksums(folder: Path) -> None:
    """Write ``checksums.json`` for every file of a weights folder."""
    names = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != CHECKSUMS_NAME
    )
    checksums = {name: hash_file(folder / name) for name in names}
    (folder / CHECKSUMS_NAME).write_text(json.dumps(checksums, indent=2) + "\n")


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify_file(path: Path, expected: str) -> None:
    """Compare one file with its checksum. Raises: DamagedWeights."""
    if not path.is_file():
        raise DamagedWeights(path, expected, None)
    found = hash_file(path)
    if found != expected:
        raise DamagedWeights(path, expected, found)
