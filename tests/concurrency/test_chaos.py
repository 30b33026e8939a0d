"""Runs survive whatever is killed in the gpu cluster, on PostgreSQL; the long forms take minutes."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.flows.chaos import survive

ROLES = {"engine", "worker", "monitor", "pusher", "sentinel", "main"}


@pytest.fixture(autouse=True)
def _many_may_wait(settings: LazySettings) -> None:
    settings.JOBS_WAITING_MAX = 1000


def test_no_run_is_lost_or_charged_twice_while_processes_are_killed(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    monkey = survive(child_environment, tmp_path, runs=80, seconds=20, ENGINE_NOOP_SECONDS="0.3")

    assert len(monkey.kills) >= 3


@pytest.mark.long
def test_300_runs_survive_a_kill_a_second(child_environment: dict[str, str], tmp_path: Path) -> None:
    monkey = survive(child_environment, tmp_path, runs=300, seconds=300)

    assert {role for role, _ in monkey.kills} == ROLES


@pytest.mark.long
def test_30_runs_of_the_starter_survive_a_kill_every_half_minute(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    monkey = survive(
        child_environment,
        tmp_path,
        runs=30,
        seconds=900,
        every_seconds=30,
        patience_seconds=1800,
        ENGINE_BACKEND="diffusers",
        JOB_LEASE_SECONDS="15",
    )

    assert monkey.kills
