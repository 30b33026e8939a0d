"""A picture's file is whole or not there."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest

from generation.engine.scratch import PART_SUFFIX, write_picture

PIXELS = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)


def test_pixels_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "job" / "1" / "0.npy"
    write_picture(path, PIXELS)
    assert (np.load(path) == PIXELS).all()
    assert [file.name for file in path.parent.iterdir()] == ["0.npy"]


def test_pixels_that_are_a_view_are_written_too(tmp_path: Path) -> None:
    view = np.broadcast_to(np.array([1, 2, 3], dtype=np.uint8), (4, 6, 3))
    write_picture(tmp_path / "0.npy", view)
    assert (np.load(tmp_path / "0.npy") == view).all()


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "0.npy"
    fill_disk_under(path)
    with pytest.raises(OSError, match="No space left") as caught:
        write_picture(path, PIXELS)
    assert caught.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def fill_disk_under(path: Path) -> None:
    """Have every write on the way to `path` end like on a full disk."""
    path.with_name(path.name + PART_SUFFIX).symlink_to("/dev/full")
