"""A training whose worker is killed again and again ends all the same, from its checkpoints, and is charged once."""

import os
import random
import signal
import time
from functools import partial
from pathlib import Path

import psutil
import pytest
from django.core.management import call_command

from billing.models import LedgerEntry
from generation.models import CustomModel, Job
from tests.flows.clusters import GpuCluster, gpu_cluster, wait_for, wait_until_ended
from tests.generation.runs import balance, hold_of
from tests.generation.trainees import CREDITS, fresh, make_trainee, model_of, ordered

KILLS = 10


def kill_ten_times(cluster: GpuCluster, job: Job, seed: int) -> int:
    """Kill -9 the training's worker or its engine at moments of chance while it trains; returns how often."""
    dice, kills = random.Random(seed), 0
    while kills < KILLS:
        time.sleep(dice.uniform(0.1, 1.0))
        assert fresh(job).is_active, f"it ended after {kills} kills"
        members = cluster.members()
        victims = members.get("engine", []) + members.get("worker", [])
        if not victims or fresh(job).status != Job.Status.PROCESSING:
            continue
        try:
            os.kill(dice.choice(victims).pid, signal.SIGKILL)
            kills += 1
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return kills


def assert_charged_once(job: Job) -> None:
    """The training gave a model, cost its price once, and the books are right."""
    assert (job.status, model_of(job).state) == (Job.Status.FINISHED, CustomModel.State.READY)
    assert (hold_of(job).settled, hold_of(job).released) == (2000, 0)
    assert LedgerEntry.objects.filter(kind=LedgerEntry.Kind.SETTLE).count() == 1
    assert balance(job.user) == CREDITS - 2000
    call_command("ledger_audit")


@pytest.mark.parametrize("seed", [7, pytest.param(8, marks=pytest.mark.long), pytest.param(9, marks=pytest.mark.long)])
def test_ten_kills_are_survived(child_environment: dict[str, str], tmp_path: Path, seed: int) -> None:
    job = ordered(make_trainee())
    # Three times as long as ten kills take; what is left then is done at once.
    slow = {"ENGINE_NOOP_SECONDS": "0.3", "TRAINING_PAUSE_SECONDS": "0"}
    with gpu_cluster(child_environment, tmp_path, name="training", **slow) as cluster:
        wait_for(lambda: model_of(job).steps_done, "the first steps")
        assert kill_ten_times(cluster, job, seed) == KILLS
    with gpu_cluster(child_environment, tmp_path, name="training", ENGINE_NOOP_SECONDS="0"):
        ended = wait_until_ended(job)

    assert_charged_once(ended)
    assert ended.attempt >= 5
    curve = [step for step, _ in model_of(job).loss_curve]
    assert curve == sorted(set(curve))


def is_fruitful(job: Job) -> bool:
    """Whether the attempt that runs has left something."""
    now = fresh(job)
    return now.status == Job.Status.PROCESSING and now.fruitful_attempt == now.attempt


def is_beyond(job: Job, attempt: int) -> bool:
    """Whether a later attempt has begun."""
    return fresh(job).attempt > attempt


@pytest.mark.long
def test_a_training_of_the_starter_survives_ten_kills(child_environment: dict[str, str], tmp_path: Path) -> None:
    job = ordered(make_trainee())
    changes = {"ENGINE_BACKEND": "diffusers", "TRAINING_CHECKPOINT_SECONDS": "2", "TRAINING_PAUSE_SECONDS": "0"}
    with gpu_cluster(child_environment, tmp_path, name="training", **changes) as cluster:
        for kill in range(KILLS):
            wait_for(partial(is_fruitful, job), f"progress before kill {kill}", 600)
            attempt = fresh(job).attempt
            cluster.kill("worker")
            wait_for(partial(is_beyond, job, attempt), "the next attempt", 600)
        ended = wait_until_ended(job, 3600)
    assert_charged_once(ended)
