"""Runs while the studio's processes are killed and PostgreSQL crashes: none is lost, none charged twice."""

import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests import migrated, services
from tests.flows.clusters import wait_for
from tests.generation.receivers import receiver
from tests.reliability.size import seed, size
from tests.reliability.stuck import assert_none_is_stuck
from tests.reliability.studio import Studio
from tests.reliability.units import Members, cluster
from tests.reliability.web import Web, await_web, web
from tests.rules.tree import ROOT

pytestmark = pytest.mark.postgres

logger = logging.getLogger(__name__)

SEED = seed(5)
_LEASE_SECONDS = 3
_CLUSTER = {"JOB_MAX_ATTEMPTS": "100", "ENGINE_NOOP_SECONDS": "0.02", "JOB_LEASE_SECONDS": str(_LEASE_SECONDS)}
_SETTINGS = {
    **dict.fromkeys(("API_RATE_KEY", "API_RATE_ACCOUNT", "API_RATE_GENERATE", "API_JOBS_WAITING_MAX"), "1000000"),
    "WEBHOOK_ALLOW_PRIVATE": "1",
    "LOG_LEVEL": "WARNING",
}
# How long PostgreSQL is away in a restart.
_AWAY_SECONDS = (0.3, 4.0)
# A courier that was killed holds its messages for a minute; the next try follows.
_MESSAGES_SECONDS = 300.0
_UNANNOUNCED = """
    SELECT count(*) FROM generation_job job
    WHERE NOT EXISTS (SELECT FROM generation_webhookdelivery told WHERE told.job_id = job.id)
"""
_UNTOLD = "SELECT count(*) FROM generation_webhookdelivery WHERE status <> 'delivered'"
_SENT = "SELECT count(*) FROM generation_job"


@dataclass
class Part:
    """A unit whose processes are killed: its supervisor or master and all that these keep."""

    members: Members
    # Whether it is at work again since then. Nobody is killed before: a part that never comes up proves nothing.
    is_back_since: Callable[[datetime], bool]
    kills: Counter[str] = field(default_factory=Counter)
    _killed_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def is_back(self) -> bool:
        """Whether it is at work again after the last kill."""
        return self.is_back_since(self._killed_at)

    def kill_one(self, dice: random.Random) -> None:
        """Kill a process of this part, each kind as often as any other."""
        found = wait_for(self.members, "a process to kill")
        role = dice.choice(sorted(found))
        try:
            dice.choice(found[role]).kill()
        except psutil.NoSuchProcess:
            role = f"{role} (gone)"
        self.kills[role] += 1
        self._killed_at = datetime.now(UTC)


def test_no_run_is_lost_stuck_or_charged_twice_while_everything_is_killed(tmp_path: Path) -> None:
    survive(tmp_path, runs=60, restarts=1, every_seconds=1.5)


@pytest.mark.long
def test_ten_thousand_runs_outlast_kills_of_everything(tmp_path: Path) -> None:
    runs = size(10_000)
    survive(tmp_path, runs=runs, restarts=max(1, runs // 500), every_seconds=6.0, awaits_messages=True)


def survive(tmp_path: Path, *, runs: int, restarts: int, every_seconds: float, awaits_messages: bool = False) -> None:
    """Have people send runs over the API under kills and crashes; then look at what is left."""
    dice = random.Random(SEED)
    with ExitStack() as stack:
        # Not durable, a commit that was answered could be lost in a crash: the checker finds that.
        server = stack.enter_context(services.postgres_server(durable=True))
        studio = Studio(server.url, tmp_path / "data", _SETTINGS)
        studio.data_dir.mkdir()
        migrated.fill(studio.url)
        box = stack.enter_context(receiver())
        crew, site = _start(studio, tmp_path, stack)
        accepted_file = tmp_path / "accepted.txt"
        load, begun = _start_load(studio, runs, site.url, box.url, accepted_file), time.monotonic()
        stack.callback(load.kill)
        crashes = _rage(server, studio, load, crew, dice, runs, restarts, every_seconds)
        accepted = accepted_file.read_text().split()
        sent = time.monotonic() - begun
        _await_ends(studio)
        ended = time.monotonic() - begun
        if awaits_messages:
            _await_messages(studio)
            assert len({message.headers["webhook-id"] for message in box.received}) == runs
        kills = {name: dict(sorted(part.kills.items())) for name, part in crew.items()}
        words = "seed %d: %d runs sent in %.0f s, ended after %.0f s; PostgreSQL: %s; %d kills: %s"
        count = sum(part.kills.total() for part in crew.values())
        logger.warning(words, SEED, len(accepted), sent, ended, dict(crashes), count, kills)

        assert load.returncode == 0
        assert crashes == {"restarted": restarts, "backend killed": restarts}
        assert len(accepted) == len(set(accepted)) == runs
        found = studio.one(f"SELECT count(*) FROM generation_job WHERE id IN ({_quoted(accepted)})")
        assert (found, studio.one(_SENT)) == (runs, runs)
        assert studio.one("SELECT count(*) FROM generation_job WHERE status = 'FAILED'") == 0
        assert studio.one(_UNANNOUNCED) == 0
        studio.check(has_every_file_its_row=True)


def _start(studio: Studio, tmp_path: Path, stack: ExitStack) -> tuple[dict[str, Part], Web]:
    """Start both clusters and the web process; returns the parts that can be killed, once all are there."""
    members: dict[str, Members] = {}
    for name in ("gpu", "default"):
        folder = tmp_path / name
        folder.mkdir()
        members[name] = stack.enter_context(cluster(studio.environment, folder, name, **_CLUSTER))
    site = stack.enter_context(web(studio.environment, tmp_path))
    wait_for(lambda: "engine" in members["gpu"]() and "worker" in members["default"](), "the clusters")
    await_web(site)
    crew = {
        "gpu": Part(members["gpu"], partial(_draws, studio, members["gpu"])),
        "default": Part(members["default"], lambda _: "worker" in members["default"]()),
        "web": Part(site.members, lambda _: site.answers()),
    }
    return crew, site


def _draws(studio: Studio, gpu: Members, since: datetime) -> bool:
    """Whether a run was drawn to its end since then, or nothing is there to be drawn."""
    drawn = f"SELECT EXISTS (SELECT FROM generation_job WHERE status = 'FINISHED' AND finished_at > '{since}')"
    return bool(studio.one(drawn)) or ("engine" in gpu() and not studio.has_open_runs())


def _rage(
    server: services.PostgresServer,
    studio: Studio,
    load: "subprocess.Popen[bytes]",
    crew: Mapping[str, Part],
    dice: random.Random,
    runs: int,
    restarts: int,
    every_seconds: float,
) -> Counter[str]:
    """Kill until all is sent, and everything was killed once; the crashes are spread over what is sent.

    PostgreSQL is restarted and loses a backend in turn; returns how often either was.
    """
    crashes: Counter[str] = Counter()
    while load.poll() is None or crashes.total() < 2 * restarts or not all(part.kills for part in crew.values()):
        # The first at once: however quick the machine is, it falls into the work.
        if crashes.total() < 2 * restarts and studio.one(_SENT) >= runs * crashes.total() // (2 * restarts):
            crashes[_crash(server, dice, restarts=crashes.total() % 2 == 0)] += 1
        elif there := [part for part in crew.values() if part.is_back]:
            min(there, key=lambda part: part.kills.total()).kill_one(dice)
        assert_none_is_stuck(studio, _LEASE_SECONDS)
        _pause(load, every_seconds * dice.uniform(0.5, 1.5))
    return crashes


def _await_ends(studio: Studio) -> None:
    """Wait until every run has ended, as long as some end; none may be stuck meanwhile."""
    while studio.has_open_runs():
        assert_none_is_stuck(studio, _LEASE_SECONDS)
        time.sleep(1)


def _await_messages(studio: Studio) -> None:
    """Wait until everybody was told of every end, as long as some are."""
    while left := studio.one(_UNTOLD):
        wait_for(lambda: studio.one(_UNTOLD) < left, f"another of {left} messages", _MESSAGES_SECONDS)


def _start_load(studio: Studio, runs: int, site: str, hooks: str, accepted: Path) -> "subprocess.Popen[bytes]":
    """Start who sends runs; their ids go into a file, for a pipe that nobody reads is full after 1,700."""
    command = [sys.executable, "-m", "tests.reliability.load", "--runs", str(runs), "--pause", "0.02"]
    command += ["--seed", str(SEED), "--web", site, "--hooks", hooks]
    with accepted.open("wb") as out:
        return subprocess.Popen(command, cwd=ROOT, env=studio.environment, stdout=out)


def _crash(server: services.PostgresServer, dice: random.Random, *, restarts: bool) -> str:
    """Restart PostgreSQL at once, or kill one of its own processes: it ends all others and recovers from its log."""
    if restarts:
        server.restart_at_once(dice.uniform(*_AWAY_SECONDS))
        return "restarted"
    victim, other = (psycopg.connect(server.url, autocommit=True) for _ in range(2))
    os.kill(victim.info.backend_pid, signal.SIGKILL)
    # Until the server has seen that one of its own is gone, it lets people in whom it then cuts off.
    wait_for(lambda: not _goes_on(other), "the end of all connections")
    wait_for(lambda: _answers(server.url), "PostgreSQL after its crash")
    return "backend killed"


def _goes_on(connection: "psycopg.Connection[tuple[Any, ...]]") -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _pause(load: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        load.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _quoted(ids: list[str]) -> str:
    return ", ".join(f"'{pk}'" for pk in ids)
