"""A backup of the studio in a folder, and a studio made again of one.

What belongs here: the database as it is at one moment, without sessions, whose keys open accounts; then the files of
the storage where they lie on a disk, then the keys that were made and not set. What does not: a bucket, which has
versions of its own; models of the catalogue, which are installed anew; checkpoints of trainings, which begin anew;
settings.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.utils import timezone

from getimg_site.errors import BackupFailed
from getimg_site.models import Backup

_FACTS = "backup.json"
_DUMPS = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
_SESSIONS = ("django_session", "usersessions_usersession")
_KEYS = ("secret_key", "licence_key")
_NAME = "%Y-%m-%dT%H-%M-%S-%fZ"
_PIECE_BYTES = 2**20


@dataclass(frozen=True)
class Written:
    """Where a backup lies and what it holds."""

    folder: Path
    files: int
    size_bytes: int


def take(folder: Path, *, keep: int = 0) -> Written:
    """Take a backup below `folder`, whole or not at all; leave the newest `keep` (0: all). Raises: BackupFailed.

    The database comes first: a row without its file would be a picture lost, a file without its row is only space. A
    file that the last backup there has already is a second link to it.
    """
    before = existing(folder)
    name = timezone.now().strftime(_NAME)
    draft = folder / f".{name}.part"
    draft.mkdir(mode=0o700, parents=True)
    try:
        dump = draft / _DUMPS[connection.vendor]
        _dump(dump)
        files = _copy_files(draft / "media", before[-1] / "media" if before else None)
        for key in _KEYS:
            if (settings.DATA_DIR / key).exists():
                shutil.copy2(settings.DATA_DIR / key, draft / key)
        facts = {"vendor": connection.vendor, "sha256": _digest(dump), "files": files, "bucket": settings.S3_BUCKET}
        (draft / _FACTS).write_text(json.dumps(facts))
        os.sync()
        draft.rename(folder / name)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    size = sum(path.stat().st_size for path in _files_below(folder / name))
    Backup.objects.create(size_bytes=size)
    for old in existing(folder)[:-keep] if keep else []:
        shutil.rmtree(old)
    return Written(folder / name, files, size)


def note() -> None:
    """Write down that the operator's own tools have taken one."""
    Backup.objects.create()


def newest() -> Backup | None:
    """Return the last that was taken or noted, wherever it lies."""
    return Backup.objects.order_by("-ended_at").first()


def existing(folder: Path) -> list[Path]:
    """Return the whole backups below a folder, the oldest first."""
    return sorted(facts.parent for facts in folder.glob(f"[0-9]*/{_FACTS}"))


def restore(backup: Path) -> int:
    """Bring back what a backup holds into an empty database; returns how many files. Raises: BackupFailed.

    Files that lie there already stay as they are. No process of the site may run.
    """
    facts_file = backup / _FACTS
    if not facts_file.exists():
        raise BackupFailed(f"{backup} is not a backup: it has no {_FACTS}.")
    facts = json.loads(facts_file.read_text())
    if facts["vendor"] != connection.vendor:
        raise BackupFailed(f"It is a backup of {facts['vendor']}, and DATABASE_URL is of {connection.vendor}.")
    if facts["bucket"] != settings.S3_BUCKET:
        raise BackupFailed(f"Its files lie in S3_BUCKET={facts['bucket']!r}, not in {settings.S3_BUCKET!r}.")
    dump = backup / _DUMPS[connection.vendor]
    if _digest(dump) != facts["sha256"]:
        raise BackupFailed(f"{dump} was changed or is damaged: its checksum is another.")
    if connection.introspection.table_names():
        raise BackupFailed("The database has tables: restore into an empty one.")
    _load(dump)
    _forget_sessions()
    for key in _KEYS:
        if (backup / key).exists():
            shutil.copy2(backup / key, settings.DATA_DIR / key)
    return _bring_files(backup / "media")


def _dump(dump: Path) -> None:
    if connection.vendor == "postgresql":
        without = [f"--exclude-table-data={table}" for table in _SESSIONS]
        _run_postgres("pg_dump", "--format=custom", "--no-owner", *without, f"--file={dump}")
        return
    try:
        _copy_sqlite(dump)
    except sqlite3.Error as error:
        raise BackupFailed(f"The database cannot be read: {error}") from error


def _copy_sqlite(dump: Path) -> None:
    source = sqlite3.connect(f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True)
    copy = sqlite3.connect(dump)
    try:
        source.backup(copy)  # one moment of it, while others write on
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("PRAGMA secure_delete=ON")  # else the rows stay readable in the file
        for table in _SESSIONS:
            copy.execute(f"DELETE FROM {table}")  # noqa: S608 — names of our own
        copy.commit()
        (found,) = copy.execute("PRAGMA quick_check").fetchone()
    finally:
        source.close()
        copy.close()
    if found != "ok":
        raise BackupFailed(f"The database is damaged: {found}")


def _load(dump: Path) -> None:
    if connection.vendor == "postgresql":
        _run_postgres("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", str(dump))
        return
    connection.close()
    place = Path(connection.settings_dict["NAME"])
    draft = place.with_name(f"{place.name}.part")
    shutil.copyfile(dump, draft)
    for beside in ("-wal", "-shm"):  # of the empty one
        place.with_name(place.name + beside).unlink(missing_ok=True)
    draft.rename(place)


def _forget_sessions() -> None:
    """Remove the keys that a backup of an older release has in it."""
    with connection.cursor() as cursor:
        for table in _SESSIONS:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 — names of our own


def _run_postgres(program: str, *arguments: str) -> None:
    # Django's own way to psql's arguments: the password goes into the environment, where nobody else reads it.
    place, secrets = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    command = [program, *place[1:-1], f"--dbname={place[-1]}", *arguments]
    try:
        done = subprocess.run(
            command, env={**os.environ, **(secrets or {})}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BackupFailed(f"{program} is missing: install PostgreSQL's client programs.") from None
    if done.returncode:
        raise BackupFailed(f"{program} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")


def _copy_files(target: Path, before: Path | None) -> int:
    """Copy the storage's files, or link to the last backup's where those are the same; returns how many."""
    target.mkdir()
    if not isinstance(default_storage, FileSystemStorage):
        return 0
    count, root = 0, settings.MEDIA_ROOT
    for path in _files_below(root):
        part = path.relative_to(root)
        try:
            _copy(path, target / part, before / part if before else None)
        except FileNotFoundError:
            continue  # it was deleted meanwhile, and so was its row
        count += 1
    return count


def _copy(path: Path, target: Path, before: Path | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    now = path.stat()
    if before and before.exists():
        then = before.stat()
        if (then.st_size, then.st_mtime_ns) == (now.st_size, now.st_mtime_ns):
            os.link(before, target)
            return
    shutil.copy2(path, target)


def _bring_files(source: Path) -> int:
    count = 0
    for path in _files_below(source):
        target = settings.MEDIA_ROOT / path.relative_to(source)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        count += 1
    return count


def _files_below(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        for name in names:
            yield Path(place, name)


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            found.update(piece)
    return found.hexdigest()
