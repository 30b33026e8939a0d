"""Who may use a device now: pictures or a training. File locks, so that whoever is killed holds nothing.

Pictures share a device among themselves (`PictureLease`), a training has it alone (`TrainingLease`). Pictures come
first: a training that is asked for the device gives it up between two steps. But where pictures never end, a training
that has waited for `patience_seconds` gets a slice of `slice_seconds` after the picture in hand.

Three files stand for a device: `.lock` is held by whoever uses it; `.pictures` is held, together, by pictures that
wait; `.training` by the one training that waits. See docs/adr/0014-one-lease-a-device.md.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

_LOOK_SECONDS = 0.02


class PictureLease:
    """The right to draw, shared with others who draw. Used by one thread."""

    def __init__(self, folder: Path, device: str, *, patience_seconds: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._use = _Lock(folder / f"{device}.lock")
        self._wish = _Lock(folder / f"{device}.pictures")
        self._training = _Lock(folder / f"{device}.training")
        self._patience_seconds = patience_seconds
        self.is_held = False

    def acquire(self) -> None:
        """Wait for the device; at once where no training has it."""
        if self.is_held:
            return
        self._wish.lock(fcntl.LOCK_SH)
        try:
            while self._training_waited() > self._patience_seconds:
                time.sleep(_LOOK_SECONDS)
            self._use.lock(fcntl.LOCK_SH)
        finally:
            self._wish.unlock()
        self.is_held = True

    def release(self) -> None:
        """Let a training have the device."""
        if self.is_held:
            self._use.unlock()
            self.is_held = False

    def is_wanted(self) -> bool:
        """Whether a training waits for the device."""
        return self._training.is_taken()

    def _training_waited(self) -> float:
        """Return for how many seconds a training has been waiting; 0 where none does."""
        return time.time() - self._training.path.stat().st_mtime if self._training.is_taken() else 0.0


class TrainingLease:
    """The right to train, alone. Used by one thread."""

    def __init__(self, folder: Path, device: str, *, slice_seconds: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._use = _Lock(folder / f"{device}.lock")
        self._pictures = _Lock(folder / f"{device}.pictures")
        self._wish = _Lock(folder / f"{device}.training")
        self._slice_seconds = slice_seconds
        self._since = 0.0

    def acquire(self, look: Callable[[], None]) -> None:
        """Wait for the device; `look` is called meanwhile, and may raise to give up waiting."""
        self._poll(self._wish, look)  # another training may be waiting; one at a time asks
        try:
            os.utime(self._wish.path)  # from now on it waits
            self._poll(self._use, look)
        finally:
            self._wish.unlock()
        self._since = time.monotonic()

    def release(self) -> None:
        """Let others have the device."""
        self._use.unlock()

    def is_wanted(self) -> bool:
        """Whether pictures wait for the device, and this slice is over."""
        return time.monotonic() - self._since >= self._slice_seconds and self._pictures.is_taken()

    def await_pictures(self) -> None:
        """After a release: wait until those who wanted the device have it."""
        while self._pictures.is_taken():
            time.sleep(_LOOK_SECONDS / 4)

    def _poll(self, lock: _Lock, look: Callable[[], None]) -> None:
        while not lock.try_lock():
            look()
            time.sleep(_LOOK_SECONDS)


class _Lock:
    """A lock on a file, held by an open description of ours: it ends with the process, however that ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # To look without holding: a description of its own, because one description's locks replace each other.
        self._eye = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def lock(self, kind: int) -> None:
        fcntl.flock(self._file, kind)

    def try_lock(self) -> bool:
        return _try(self._file)

    def unlock(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def is_taken(self) -> bool:
        """Whether anybody holds it, in whichever way."""
        if not _try(self._eye):
            return True
        fcntl.flock(self._eye, fcntl.LOCK_UN)
        return False


def _try(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
