"""Runs survive whatever is killed in the gpu cluster: a short form, on whichever database the suite runs."""

from pathlib import Path

from django.conf import LazySettings

from tests.flows.chaos import survive


def test_no_run_is_lost_or_charged_twice_while_processes_are_killed(
    child_environment: dict[str, str], tmp_path: Path, settings: LazySettings
) -> None:
    settings.JOBS_WAITING_MAX = 1000

    monkey = survive(child_environment, tmp_path, runs=80, seconds=20, ENGINE_NOOP_SECONDS="0.3")

    assert len(monkey.kills) >= 3
