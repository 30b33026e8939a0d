"""Test databases as the migrations make them: made once for each state of the migrations, then copied.

To run all migrations takes half a minute of a core, and every process of the suite needs a database of its own, as do
the studios of the reliability proofs. What is kept lies in .pytest_cache (`make clean` removes it) and is named by what
it was made from, so that a migration that changes makes another. Django still runs `migrate` over a copy: what follows
each migrate (permissions, plans) is of today.
"""

import fcntl
import hashlib
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.debian import find_binary
from tests.rules.tree import PACKAGES, ROOT

_FOLDER = ROOT / ".pytest_cache" / "migrated"
# Other branches' and this one's of a moment ago; older ones are removed.
_KEPT = 4
_IMPORT = re.compile(r"^\s*(?:from ([\w.]+) import (\([^)]*\)|.+)|import ([\w.]+))", re.MULTILINE)
_HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("PRAGMA journal_mode=WAL")
database.execute("SELECT count(*) FROM sqlite_master").fetchone()
print("held", flush=True)
sys.stdin.read()
"""


def copy_to(file: Path) -> None:
    """Write a migrated SQLite database there; what was there is gone."""
    for left in (file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm"))):
        left.unlink(missing_ok=True)
    kept = f"file:{_kept('sqlite3', _make_file)}?immutable=1"
    with closing(sqlite3.connect(kept, uri=True)) as source, closing(sqlite3.connect(file)) as copy:
        source.backup(copy)


@contextmanager
def held_open(file: Path) -> Iterator[None]:
    """Keep a SQLite database open in a process that does nothing else.

    Whoever closes a database last removes the log beside it, and asks by locks whether somebody else has it open. Locks
    belong to processes: those of one that forks, with connections in several threads, can be gone while it still has
    it open, and then a child that ends removes the log of its parent, which reads a "disk I/O error" from there on.
    """
    command = [sys.executable, "-c", _HOLD, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        if holder.stdout.readline() != b"held\n":
            raise RuntimeError(f"{file} could not be opened")
        try:
            yield
        finally:
            holder.communicate()  # it ends where nothing more can come, also when its parent was killed


def fill(url: str) -> None:
    """Bring an empty PostgreSQL database to where the migrations would bring it."""
    dump = _kept("sql", lambda part: _make_dump(url, part))
    if not _has_tables(url):
        _run(_client("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={dump}", url)


@contextmanager
def database(server_url: str, name: str) -> Iterator[None]:
    """Make a migrated database of this name on a running PostgreSQL, and drop it in the end."""
    _drop(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    fill(urlunsplit(urlsplit(server_url)._replace(path=f"/{name}")))
    try:
        yield
    finally:
        _drop(server_url, name)


def decisive_files() -> set[Path]:
    """Return our migrations and the files of ours that they import, and those that these import, to the last."""
    waiting = [file for package in PACKAGES for file in (ROOT / package / "migrations").glob("*.py")]
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting.extend(_imported(file.read_text()))
    return found


def _drop(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _kept(ending: str, make: Callable[[Path], None]) -> Path:
    """Return what is kept of today's migrations; made where there is none, by one process while others wait."""
    kept = _FOLDER / f"{_key()}.{ending}"
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            part = _FOLDER / f"part.{ending}"
            part.unlink(missing_ok=True)
            make(part)
            part.replace(kept)  # under its name only when it is whole
        kept.touch()
        for old in sorted(_FOLDER.glob(f"*.{ending}"), key=lambda file: file.stat().st_mtime)[:-_KEPT]:
            old.unlink()
    return kept


def _make_file(part: Path) -> None:
    _migrate(f"sqlite:///{part}")


def _make_dump(url: str, part: Path) -> None:
    _migrate(url)
    _run(_client("pg_dump"), "--no-owner", "--no-privileges", f"--file={part}", url)


def _migrate(url: str) -> None:
    _run(sys.executable, "manage.py", "migrate", "--verbosity", "0", DATABASE_URL=url)


def _client(name: str) -> str:
    return find_binary(name, package="postgresql-client", places="/usr/lib/postgresql/*/bin")


def _run(*command: str, **environment: str) -> None:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _has_tables(url: str) -> bool:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchone()
    return found is not None


def _key() -> str:
    """Return a digest of all that decides what the migrations make."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for file in sorted(decisive_files()):
        digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _imported(source: str) -> Iterator[Path]:
    for module, names, plain in _IMPORT.findall(source):
        for name in (plain, module, *(f"{module}.{name}" for name in re.findall(r"\w+", names))):
            if name.partition(".")[0] in PACKAGES:
                path = ROOT.joinpath(*name.split("."))
                yield from (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file())
