"""A worker stalls past its lease, another takes its run over and ends it; then the slow one goes on and is too late."""

import logging
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command

from billing.models import LedgerEntry
from generation.models import FailedAttempt, Image, Job
from generation.storage import files_under
from tests.flows.clusters import GpuCluster, gpu_cluster, wait_for, wait_until_ended, wait_until_running
from tests.generation.runs import hold_of, make_person, submit
from tests.generation.workers import scratch_of
from tests.reliability import faults
from tests.reliability.faults import BEGIN, STOP, Fault
from tests.reliability.size import seed, size
from tests.reliability.studio import run_checker

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("bare_folders"),
]

logger = logging.getLogger(__name__)

SEED = seed(11)
PICTURES = 3
# Where it stalls; within a transaction, it is cut off. None: wherever it is at a moment of chance.
_PLACES = (
    Fault("generation.lifecycle.finish", BEGIN, STOP),
    Fault("generation.lifecycle.finish", BEGIN, STOP),
    Fault("generation.lifecycle.deliver", BEGIN, STOP),
    Fault("generation.lifecycle.deliver", "after", STOP),
    Fault("billing.ledger_rows._execute", "after", STOP, under="generation.lifecycle._take"),
    Fault("generation.lifecycle.finish", "before", STOP),
    None,
)


@pytest.fixture
def pair(child_environment: dict[str, str], tmp_path: Path) -> Iterator[GpuCluster]:
    """Yield a gpu cluster of two workers whose leases are as short as can be."""
    environment = {
        **child_environment,
        "DJANGO_SETTINGS_MODULE": "tests.reliability.faulty_settings",
        "FAULTS_FOLDER": str(tmp_path),
        "GPU_WORKERS": "2",
        "BATCH_SIZE_MAX": "1",
        "DATABASE_IDLE_SECONDS": "2",
        "JOB_MAX_ATTEMPTS": "100",
    }
    with gpu_cluster(environment, tmp_path, JOB_LEASE_SECONDS="1", ENGINE_NOOP_SECONDS="0.2") as cluster:
        cluster.await_member("engine")
        yield cluster


def test_who_was_too_slow_ends_nothing_twice(
    pair: GpuCluster, child_environment: dict[str, str], tmp_path: Path
) -> None:
    be_too_slow(pair, child_environment, tmp_path, times=3)


@pytest.mark.long
def test_who_was_too_slow_five_hundred_times_ends_nothing_twice(
    pair: GpuCluster, child_environment: dict[str, str], tmp_path: Path
) -> None:
    be_too_slow(pair, child_environment, tmp_path, times=size(500))


def be_too_slow(pair: GpuCluster, environment: dict[str, str], folder: Path, *, times: int) -> None:
    """Have workers stall until so many runs were taken over; then look at what is left."""
    dice = random.Random(SEED)
    taken_over: Counter[str] = Counter()
    while taken_over.total() < times:
        place = dice.choice(_PLACES)
        if stall(pair, folder, place, dice):
            taken_over[f"{place.place} {place.moment}" if place else "by chance"] += 1
    logger.warning("seed %s: %d runs taken over: %s", SEED, times, dict(taken_over))
    wait_for(lambda: not list(Path(settings.SCRATCH_DIR).iterdir()), "the last to let go", 60)
    stored = {name for image in Image.objects.all() for name in image.files}
    assert set(files_under("pictures")) == stored
    assert not [name for name in stored if not default_storage.exists(name)]
    run_checker(environment["DATABASE_URL"], Path(settings.MEDIA_ROOT), "--strays")
    call_command("ledger_audit")


def stall(pair: GpuCluster, folder: Path, place: Fault | None, dice: random.Random) -> bool:
    """Have a run's worker stall and go on when it is too late; returns whether another had taken the run over."""
    user = make_person(f"{time.monotonic_ns()}@example.com")
    if place:
        faults.order(folder, place)
    job = submit(user, num_images=PICTURES)
    slow = _await_stopped(pair, folder, job) if place else _stop_at_random(job, dice)
    ended = wait_until_ended(job)
    _go_on(slow)
    wait_for(lambda: _has_let_go(job), "the slow worker to let go", 60)
    assert (ended.status, hold_of(ended).settled, hold_of(ended).released) == (Job.Status.FINISHED, PICTURES, 0)
    assert sorted(Image.objects.filter(job=job).values_list("index", flat=True)) == list(range(PICTURES))
    lines = LedgerEntry.objects.filter(hold=hold_of(ended)).order_by("id")
    assert [(line.kind, line.credits) for line in lines] == [("hold", PICTURES), ("settle", PICTURES)]
    assert Job.objects.get(pk=job.pk).finished_at == ended.finished_at
    return FailedAttempt.objects.filter(job=job, code="worker_lost").exists()


def _await_stopped(pair: GpuCluster, folder: Path, job: Job) -> list[psutil.Process]:
    """Wait for the worker that stalls; nobody does where pictures come faster than they are stored."""
    wait_for(lambda: faults.is_met(folder) or not Job.objects.get(pk=job.pk).is_active, "a stall, or the end")
    if faults.withdraw(folder):
        return []
    return wait_for(lambda: [one for one in _family(pair) if _is_stopped(one)], "a worker that stalls")


def _stop_at_random(job: Job, dice: random.Random) -> list[psutil.Process]:
    """Stop the worker that has the run, and its engine."""
    pid = int(wait_until_running(job).claimed_by.split("#")[0].rpartition(":")[2])
    time.sleep(dice.uniform(0, 0.4))
    stopped = [psutil.Process(pid), *psutil.Process(pid).children()]
    for process in stopped:
        process.suspend()
    return stopped


def _go_on(stopped: list[psutil.Process]) -> None:
    for process in stopped:
        process.resume()


def _has_let_go(job: Job) -> bool:
    """Whether nothing is left of what the run's attempts were drawing."""
    return not scratch_of(job).exists()


def _family(pair: GpuCluster) -> list[psutil.Process]:
    return psutil.Process(pair.supervisor.pid).children(recursive=True)


def _is_stopped(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False
