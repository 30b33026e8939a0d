"""Runs while processes of the gpu cluster are killed and PostgreSQL crashes: none is lost, none charged twice."""

import logging
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from tests import services
from tests.flows.clusters import GpuCluster, gpu_cluster, wait_for
from tests.reliability.studio import Studio
from tests.rules.tree import ROOT

pytestmark = pytest.mark.postgres

logger = logging.getLogger(__name__)

# The lease of a test's cluster, and how long after its end a run may still be open.
_LEASE_SECONDS, _STUCK_SECONDS = 3, 60
# A run of the no-op engine takes far less; a backlog is no stuck run.
_BACKLOG_SECONDS_A_RUN = 1.0


@pytest.mark.parametrize(
    ("runs", "crashes", "every_seconds"), [(60, 2, 2.0), pytest.param(10_000, 20, 20.0, marks=pytest.mark.long)]
)
def test_no_run_is_lost_stuck_or_charged_twice_while_everything_is_killed(
    runs: int, crashes: int, every_seconds: float, tmp_path: Path
) -> None:
    dice = random.Random(5)
    # Not durable, a commit that was answered could be lost in a crash: the checker finds that.
    with services.postgres(durable=True) as url:
        studio = Studio(url, tmp_path / "data")
        studio.data_dir.mkdir()
        studio.run("manage.py", "migrate")
        with gpu_cluster(studio.environment, tmp_path, JOB_MAX_ATTEMPTS="100", ENGINE_NOOP_SECONDS="0.02") as cluster:
            cluster.await_member("engine")
            load = _start_load(studio, runs)
            kills: list[str] = []
            crashed = 0
            while load.poll() is None or not kills or (studio_is_busy(studio) and crashed < crashes):
                if not crashed or (crashed < crashes and dice.random() < 0.4):
                    _crash(url)
                    crashed += 1
                else:
                    kills.append(_kill_one(cluster, dice))
                _pause(load, every_seconds * dice.uniform(0.5, 1.5))
            accepted = load.communicate()[0].split()
            studio.await_ends(_LEASE_SECONDS + _STUCK_SECONDS + _BACKLOG_SECONDS_A_RUN * runs)
        logger.warning("%d runs, %d crashes of PostgreSQL, %d kills: %s", len(accepted), crashed, len(kills), kills)

        assert load.returncode == 0
        assert crashed >= 1
        assert kills
        assert len(accepted) == len(set(accepted)) == runs
        found = studio.one(f"SELECT count(*) FROM generation_job WHERE id IN ({_quoted(accepted)})")
        assert (found, studio.one("SELECT count(*) FROM generation_job")) == (runs, runs)
        assert studio.one("SELECT count(*) FROM generation_job WHERE status = 'FAILED'") == 0
        studio.check()


def studio_is_busy(studio: Studio) -> bool:
    """Whether runs are still open, as far as the database can say."""
    try:
        return studio.has_open_runs()
    except psycopg.OperationalError:
        return True


def _start_load(studio: Studio, runs: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.reliability.load", "--runs", str(runs), "--pause", "0.02"]
    return subprocess.Popen(command, cwd=ROOT, env=studio.environment, stdout=subprocess.PIPE, text=True)


def _crash(url: str) -> None:
    """Kill one of PostgreSQL's own processes: it ends all others, recovers from its log and lets people in again."""
    with psycopg.connect(url, autocommit=True) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)
    wait_for(lambda: _answers(url), "PostgreSQL after its crash")


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _kill_one(cluster: GpuCluster, dice: random.Random) -> str:
    members = wait_for(cluster.members, "a process to kill")
    role = dice.choice(sorted(members))
    try:
        dice.choice(members[role]).kill()
    except psutil.NoSuchProcess:
        return f"{role} (gone)"
    return role


def _pause(load: "subprocess.Popen[str]", seconds: float) -> None:
    try:
        load.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _quoted(ids: list[str]) -> str:
    return ", ".join(f"'{pk}'" for pk in ids)
