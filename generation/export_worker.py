"""Writes exports, each in a process of its own: a file of ten thousand pictures takes longer than a task of the queue
may, and would hold up all others. The task begins the processes that are missing; the lease, which a thread renews as
long as the process lives, says which those are.

The zip is written on this machine and handed to the storage as a whole, in blocks: on a disk it is only moved.
"""

import ctypes
import errno
import logging
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, connection
from django.utils import timezone

from accounts import letters
from generation import export_file, exports
from generation.exports import ExportEnded
from generation.models import Export

logger = logging.getLogger(__name__)

# Processes at a time, on all machines together: each reads as fast as the storage gives.
AT_ONCE_MAX = 2
_PR_SET_PDEATHSIG = 1  # Source: linux/prctl.h
_MANAGE = Path(settings.BASE_DIR) / "manage.py"


def begin_due() -> int:
    """Start a process for each export that waits, as many as there is room for; returns how many."""
    now = timezone.now()
    room = AT_ONCE_MAX - exports.being_written(now)
    begun = exports.due(now)[: max(0, room)]
    for export_id in begun:
        subprocess.Popen([sys.executable, str(_MANAGE), "write_export", str(export_id)], cwd=settings.BASE_DIR)
    return len(begun)


def end_with_parent() -> None:
    """Let this process end when the one that started it does; whoever comes next begins the file anew."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def write(export_id: uuid.UUID) -> bool:
    """Write an export, hand it to the storage and tell its person; returns whether it is there now."""
    export = exports.claim(export_id)
    if export is None:
        return False
    folder = Path(settings.SCRATCH_DIR) / f"export-{export.pk.hex}-{export.attempt}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _lease_of(export):
            _write_into(folder, export)
    except ExportEnded:
        return False
    except OSError as error:
        logger.exception("export not written", extra={"export": export.pk})
        if error.errno != errno.ENOSPC:
            raise  # the lease runs out, and it is tried once more
        exports.fail(export, exports.DISK_FULL)
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _tell(export)
    return True


@contextmanager
def _lease_of(export: Export) -> Iterator[None]:
    """Let nobody begin the file anew meanwhile, however long a list, a picture or the way to the bucket takes."""
    is_over = threading.Event()
    thread = threading.Thread(target=_renew, args=(export, is_over), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _renew(export: Export, is_over: threading.Event) -> None:
    while not is_over.wait(exports.LEASE.total_seconds() / 3):
        try:
            close_old_connections()
            exports.renew(export)
        except ExportEnded:
            break  # whoever writes it finds that out
        except DatabaseTrouble:
            connection.close()  # it may be back before the lease is over
    connection.close()


def _write_into(folder: Path, export: Export) -> None:
    """Write the zip in this folder and hand it over. Raises: ExportEnded, OSError."""
    path = folder / "export.zip"

    def report(pictures: int, done: int, skipped: int) -> None:
        exports.advance(export, pictures=pictures, done=done, skipped=skipped)

    export_file.write(export.user, path, report)
    size_bytes = path.stat().st_size
    day = timezone.now().astimezone(export.user.zone).date()
    wanted = f"exports/{export.pk.hex[-2:]}/{export.pk.hex}/{export.attempt}/{settings.SITE_NAME}-{day}.zip"
    with path.open("rb") as file:
        key = default_storage.save(wanted, _Moved(file, path))
    try:
        exports.finish(export, file=key, size_bytes=size_bytes)
    except ExportEnded:
        default_storage.delete(key)
        raise


class _Moved(File):  # type: ignore[type-arg]
    """A file that a disk's storage may move to its place, where others read it."""

    def __init__(self, file: object, path: Path) -> None:
        super().__init__(file, name=path.name)  # type: ignore[arg-type]
        self._path = path

    def temporary_file_path(self) -> str:
        """Return where it lies; Django's storage on disk moves it from there."""
        return str(self._path)


def _tell(export: Export) -> None:
    user = export.user
    assert export.expires_at is not None  # it is ready
    facts: dict[str, Any] = {"user": user, "export": export, "until": export.expires_at.astimezone(user.zone).date()}
    # Who is suspended cannot log in to fetch it.
    facts["ticket"] = "" if user.is_active else exports.ticket_of(export)
    letters.send(user.email, "generation/email/export_ready", **facts)
