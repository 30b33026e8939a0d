"""A studio of its own beside the test's: a database, a folder, and programs that see nothing else."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import psycopg

from tests.flows.clusters import wait_for
from tests.rules.tree import ROOT, variables_read

_TIDY = "from generation import housekeeping; housekeeping.remove_old_scratch(hours=0)"


@dataclass(frozen=True)
class Studio:
    """Where its rows and its files are, and settings of its own."""

    url: str
    data_dir: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What its programs get, and no setting of this one."""
        kept = {name: value for name, value in os.environ.items() if name not in variables_read()}
        own = {"DJANGO_SETTINGS_MODULE": "getimg_site.settings", "DATABASE_URL": self.url}
        return {**kept, **own, "DATA_DIR": str(self.data_dir), "JOBS_WAITING_MAX": "1000", **self.settings}

    def run(self, *arguments: str) -> str:
        """Run a Python program; returns what it printed. Fails with all of that where it ends badly."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def running(self, *arguments: str) -> Iterator[None]:
        """Run a Python program meanwhile, and end it. Fails where it ends by itself."""
        with subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=DEVNULL) as program:
            try:
                yield
                assert program.poll() is None, f"{arguments} ended with {program.returncode}"
            finally:
                program.kill()

    def one(self, query: str) -> Any:
        """Return the first value of the first row, over a connection of its own: those from before may be dead."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]

    def has_open_runs(self) -> bool:
        """Whether a run waits or is being drawn."""
        return bool(self.one("SELECT EXISTS (SELECT FROM generation_job WHERE status IN ('NEW', 'PROCESSING'))"))

    def await_ends(self, seconds: float) -> None:
        """Wait until every run has ended."""
        wait_for(lambda: not self.has_open_runs(), "the end of all runs", seconds)

    def check(self, *, has_every_file_its_row: bool = False) -> None:
        """Have the audit and the checker look at what is left; fails with what they find.

        has_every_file_its_row: once what dead attempts left is tidied up, as happens a day later, no picture's file is
        left that no row names. Not so where rows were taken back and files were not.
        """
        self.run("manage.py", "ledger_audit")
        more = []
        if has_every_file_its_row:
            self.run("manage.py", "shell", "--command", _TIDY)
            more = ["--strays"]
        run_checker(self.url, self.data_dir / "media", *more)


def run_checker(url: str, media: Path, *flags: str) -> None:
    """Have the checker, a program of its own, look at what is left; fails with what it finds."""
    command = [sys.executable, "-m", "tests.reliability.checker", url, str(media), *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
