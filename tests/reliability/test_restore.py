"""A base backup from the midst of work and the log that was archived since bring the studio back to any later moment:
the books are right, runs end.

The files are those of the end: they are written before the row that names them, so a row from earlier finds its own.
"""

import logging
import random
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import migrated, services
from tests.debian import find_binary
from tests.flows.clusters import PATIENCE_SECONDS, gpu_cluster, wait_for
from tests.processes import private_folder
from tests.reliability.size import seed
from tests.reliability.studio import Studio

pytestmark = pytest.mark.postgres

logger = logging.getLogger(__name__)

SEED = seed(11)
# How long people go on sending once the backup is made, and how many pictures there are when it is begun.
_LOAD_SECONDS = 6
_PICTURES_BEFORE = 5
_NOW = "SELECT clock_timestamp()"
_PICTURES = "SELECT count(*) FROM generation_image"


@dataclass(frozen=True)
class Archive:
    """What is kept of a studio: a base backup, the log since, the files, and its moments from the backup's end on."""

    base: Path
    log: Path
    data_dir: Path
    began: datetime
    ended: datetime


@pytest.mark.parametrize("restores", [1, pytest.param(20, marks=pytest.mark.long)])
def test_a_studio_that_is_restored_to_a_random_moment_has_right_books_and_ends_its_runs(
    restores: int, tmp_path: Path
) -> None:
    dice = random.Random(SEED)
    with private_folder("archive") as folder:
        folder.chmod(0o777)  # PostgreSQL, which is never root, writes here
        archive = _work_and_archive(folder, tmp_path)
        span = (archive.ended - archive.began).total_seconds()
        for number in range(restores):
            moment = archive.began + timedelta(seconds=dice.uniform(0, span))
            _restore(archive, moment, tmp_path / str(number))


def _work_and_archive(folder: Path, tmp_path: Path) -> Archive:
    """Have a studio work, be backed up meanwhile and work on for some seconds; its log is archived to the last line."""
    log, base, data_dir = folder / "log", folder / "base", tmp_path / "data"
    log.mkdir()
    log.chmod(0o777)
    data_dir.mkdir()
    # Under its name only when it is whole.
    keep = f"cp %p {log}/.part && mv {log}/.part {log}/%f"
    settings = {"wal_level": "replica", "archive_mode": "on", "archive_command": keep}
    with services.postgres(settings=settings) as url:
        studio = Studio(url, data_dir)
        migrated.fill(url)
        with gpu_cluster(studio.environment, tmp_path, ENGINE_NOOP_SECONDS="0.3") as cluster:
            cluster.await_member("engine")
            with studio.running("-m", "tests.reliability.load", "--seed", str(SEED)):
                wait_for(lambda: studio.one(_PICTURES) >= _PICTURES_BEFORE, "the first pictures")
                asked = studio.one(_NOW)
                _back_up(url, base)
                began = studio.one(_NOW)
                time.sleep(_LOAD_SECONDS)
                ended = studio.one(_NOW)
        for start, end in ((asked, began), (began, ended)):
            sent = studio.one(f"SELECT count(*) FROM generation_job WHERE created_at BETWEEN '{start}' AND '{end}'")
            assert sent > 0, f"nobody sent anything between {start} and {end}"
        # One more commit than the last moment that is asked for, and the log is whole.
        studio.run(
            "manage.py", "shell", "--command", "from accounts.models import User; User.objects.update(device='')"
        )
        last = studio.one("SELECT pg_walfile_name(pg_switch_wal())")
        wait_for(lambda: (log / last).exists(), f"{last} in the archive")
    return Archive(base, log, data_dir, began, ended)


def _restore(archive: Archive, moment: datetime, folder: Path) -> None:
    """Bring the studio back as it was, have it go on, and look at what is left."""
    folder.mkdir()
    settings = {
        "restore_command": f"cp {archive.log}/%f %p",
        "recovery_target_time": moment.isoformat(),
        "recovery_target_action": "promote",
    }
    with services.postgres(settings=settings, backup=archive.base) as url:
        studio = Studio(url, archive.data_dir)
        wait_for(lambda: studio.one("SELECT NOT pg_is_in_recovery()"), "the end of the recovery")
        counts = studio.one(
            "SELECT json_object_agg(status, number) FROM"
            " (SELECT status, count(*) AS number FROM generation_job GROUP BY 1) AS runs"
        )
        with gpu_cluster(studio.environment, folder, JOB_MAX_ATTEMPTS="100"):
            studio.await_ends(PATIENCE_SECONDS)
        logger.warning("seed %d: restored to %s, with the runs %s", SEED, moment.time(), counts)
        studio.check()


def _back_up(url: str, base: Path) -> None:
    binary = find_binary("pg_basebackup", package="postgresql-client", places="/usr/lib/postgresql/*/bin")
    parts = urlsplit(url)
    where = ["--host", str(parts.hostname), "--port", str(parts.port), "--username", str(parts.username)]
    command = [binary, *where, "--pgdata", str(base), "--wal-method=none", "--checkpoint=fast", "--no-sync"]
    subprocess.run(command, check=True, capture_output=True)
