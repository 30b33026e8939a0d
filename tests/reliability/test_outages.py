"""Runs while the studio's processes are killed and PostgreSQL crashes: none is lost, none charged twice."""

import logging
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest

from tests import services
from tests.flows.clusters import gpu_cluster, wait_for
from tests.generation.receivers import receiver
from tests.reliability.size import size
from tests.reliability.studio import Studio
from tests.reliability.web import Web, await_web, web
from tests.rules.tree import ROOT

pytestmark = pytest.mark.postgres

logger = logging.getLogger(__name__)

Members = Callable[[], Mapping[str, list[psutil.Process]]]

# The lease of a test's cluster, and how long after its end a run may still be open.
_LEASE_SECONDS, _STUCK_SECONDS = 3, 60
# A run of the no-op engine takes far less; a backlog is no stuck run.
_BACKLOG_SECONDS_A_RUN = 1.0
_CLUSTER = {"JOB_MAX_ATTEMPTS": "100", "ENGINE_NOOP_SECONDS": "0.02", "JOB_LEASE_SECONDS": str(_LEASE_SECONDS)}
_SETTINGS = {
    **dict.fromkeys(("API_RATE_KEY", "API_RATE_ACCOUNT", "API_RATE_GENERATE", "API_JOBS_WAITING_MAX"), "1000000"),
    "WEBHOOK_ALLOW_PRIVATE": "1",
    "LOG_LEVEL": "WARNING",
}
# A courier that was killed holds its messages for a minute; the next try follows.
_MESSAGES_SECONDS = 300.0
_UNANNOUNCED = """
    SELECT count(*) FROM generation_job job
    WHERE NOT EXISTS (SELECT FROM generation_webhookdelivery told WHERE told.job_id = job.id)
"""
_UNTOLD = "SELECT count(*) FROM generation_webhookdelivery WHERE status <> 'delivered'"
_STUCK = f"""
    SELECT count(*) FROM generation_job
    WHERE status = 'PROCESSING' AND lease_expires_at < now() - interval '{_STUCK_SECONDS} seconds'
"""


def test_no_run_is_lost_stuck_or_charged_twice_while_everything_is_killed(tmp_path: Path) -> None:
    survive(tmp_path, runs=60, crashes=2, every_seconds=1.5)


@pytest.mark.long
def test_ten_thousand_runs_outlast_kills_of_everything(tmp_path: Path) -> None:
    runs = size(10_000)
    survive(tmp_path, runs=runs, crashes=max(2, runs // 500), every_seconds=6.0, awaits_messages=True)


def survive(tmp_path: Path, *, runs: int, crashes: int, every_seconds: float, awaits_messages: bool = False) -> None:
    """Have people send runs over the API under kills and crashes; then look at what is left."""
    with ExitStack() as stack:
        # Not durable, a commit that was answered could be lost in a crash: the checker finds that.
        url = stack.enter_context(services.postgres(durable=True))
        studio = Studio(url, tmp_path / "data", _SETTINGS)
        studio.data_dir.mkdir()
        studio.run("manage.py", "migrate")
        box = stack.enter_context(receiver())
        crew, site = _start(studio, tmp_path, stack)
        load = _start_load(studio, runs, site.url, box.url)
        crashed, kills = _rage(studio, load, crew, runs, crashes, every_seconds)
        accepted = load.communicate()[0].split()
        _await_ends(studio, _LEASE_SECONDS + _STUCK_SECONDS + _BACKLOG_SECONDS_A_RUN * runs)
        if awaits_messages:
            wait_for(lambda: studio.one(_UNTOLD) == 0, "the last message", _MESSAGES_SECONDS)
            assert len({message.headers["webhook-id"] for message in box.received}) == runs
        words = "%d runs, %d crashes of PostgreSQL, %d kills: %s"
        logger.warning(words, len(accepted), crashed, kills.total(), dict(sorted(kills.items())))

        assert load.returncode == 0
        assert crashed == crashes
        assert len(accepted) == len(set(accepted)) == runs
        found = studio.one(f"SELECT count(*) FROM generation_job WHERE id IN ({_quoted(accepted)})")
        assert (found, studio.one("SELECT count(*) FROM generation_job")) == (runs, runs)
        assert studio.one("SELECT count(*) FROM generation_job WHERE status = 'FAILED'") == 0
        assert studio.one(_UNANNOUNCED) == 0
        studio.check(has_every_file_its_row=True)


def _start(studio: Studio, tmp_path: Path, stack: ExitStack) -> tuple[dict[str, Members], Web]:
    """Start both clusters and the web process; returns who can be killed, by part, once all are there."""
    crew: dict[str, Members] = {}
    for name in ("gpu", "default"):
        folder = tmp_path / name
        folder.mkdir()
        crew[name] = stack.enter_context(gpu_cluster(studio.environment, folder, name=name, **_CLUSTER)).members
    site = stack.enter_context(web(studio.environment, tmp_path))
    crew["web"] = site.members
    wait_for(lambda: "engine" in crew["gpu"]() and "worker" in crew["default"](), "the clusters")
    await_web(site)
    return crew, site


def _rage(
    studio: Studio,
    load: "subprocess.Popen[str]",
    crew: Mapping[str, Members],
    runs: int,
    crashes: int,
    every_seconds: float,
) -> tuple[int, Counter[str]]:
    """Kill until all is sent, and everything was killed once; the crashes are spread over what is sent."""
    dice, crashed = random.Random(5), 0
    kills: Counter[str] = Counter()
    while load.poll() is None or crashed < crashes or {name.split()[0] for name in kills} != set(crew):
        # The first at once: however quick the machine is, it falls into the work.
        if crashed < crashes and studio.one("SELECT count(*) FROM generation_job") >= runs * crashed // crashes:
            _crash(studio.url)
            crashed += 1
        else:
            fewest = min(crew, key=lambda name: (_kills_of(kills, name), name))
            kills[_kill_one(fewest, crew[fewest], dice)] += 1
        assert studio.one(_STUCK) == 0, "a run is stuck"
        _pause(load, every_seconds * dice.uniform(0.5, 1.5))
    return crashed, kills


def _kills_of(kills: Counter[str], name: str) -> int:
    return sum(count for killed, count in kills.items() if killed.split()[0] == name)


def _await_ends(studio: Studio, seconds: float) -> None:
    """Wait until every run has ended; none may be stuck meanwhile."""

    def look() -> bool:
        assert studio.one(_STUCK) == 0, "a run is stuck"
        return not studio.has_open_runs()

    wait_for(look, "the end of all runs", seconds)


def _start_load(studio: Studio, runs: int, site: str, hooks: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.reliability.load", "--runs", str(runs), "--pause", "0.02"]
    command += ["--web", site, "--hooks", hooks]
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


def _kill_one(part: str, members: Members, dice: random.Random) -> str:
    """Kill a process of this part, each kind as often as any other; returns which."""
    found = wait_for(members, f"a process of {part} to kill")
    role = dice.choice(sorted(found))
    try:
        dice.choice(found[role]).kill()
    except psutil.NoSuchProcess:
        return f"{part} {role} (gone)"
    return f"{part} {role}"


def _pause(load: "subprocess.Popen[str]", seconds: float) -> None:
    try:
        load.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _quoted(ids: list[str]) -> str:
    return ", ".join(f"'{pk}'" for pk in ids)
