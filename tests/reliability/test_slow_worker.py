"""A worker stalls past its lease, another takes its runs over and ends them; then the slow one goes on and is too late.

Several runs are sent at once, so that a worker also has one that it claimed ahead of its turn.
"""

import logging
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command

from billing.models import LedgerEntry
from generation.models import FailedAttempt, Image, Job
from generation.storage import files_under
from tests.flows.clusters import GpuCluster, gpu_cluster, wait_for, wait_until_ended
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
# One for each of the two workers, and more: behind its second run a worker claims one ahead, where one waits.
RUNS = 5
PICTURES_MAX = 3
_CLAIM_AHEAD = Fault("billing.ledger_rows._execute", "after", STOP, under="generation.worker.Worker._claim_ahead")
# Where it stalls; within a transaction, it is cut off. None: wherever it is at a moment of chance.
_PLACES = (
    _CLAIM_AHEAD,
    _CLAIM_AHEAD,
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
    assert be_too_slow(pair, child_environment, tmp_path, times=size(500)) > 0, "nobody stalled with a run ahead"


def be_too_slow(pair: GpuCluster, environment: dict[str, str], folder: Path, *, times: int) -> int:
    """Have workers stall so often that runs were taken over; then look at what is left.

    Returns how many of them had more than one run, which is claimed ahead or begun while the one before is stored.
    """
    dice = random.Random(SEED)
    taken_over: Counter[str] = Counter()
    had_several = 0
    while taken_over.total() < times:
        place = dice.choice(_PLACES)
        if runs := stall(pair, folder, place, dice):
            taken_over[_words(place)] += 1
            had_several += runs > 1
    logger.warning("seed %s: %d takeovers, %d of several runs: %s", SEED, times, had_several, dict(taken_over))
    wait_for(lambda: not list(Path(settings.SCRATCH_DIR).iterdir()), "the last to let go", 60)
    stored = {name for image in Image.objects.all() for name in image.files}
    assert set(files_under("pictures")) == stored
    assert not [name for name in stored if not default_storage.exists(name)]
    run_checker(environment["DATABASE_URL"], Path(settings.MEDIA_ROOT), "--strays")
    call_command("ledger_audit")
    return had_several


def stall(pair: GpuCluster, folder: Path, place: Fault | None, dice: random.Random) -> int:
    """Have a worker stall with what it has and go on when it is too late; returns how many runs were taken over."""
    user = make_person(f"{time.monotonic_ns()}@example.com")
    if place:
        faults.order(folder, place if place is _CLAIM_AHEAD else replace(place, skip=dice.randrange(RUNS)))
    jobs = [submit(user, num_images=dice.randint(1, PICTURES_MAX)) for _ in range(RUNS)]
    slow = _await_stopped(pair, folder, jobs) if place else _stop_at_random(dice.choice(jobs), dice)
    ended = [wait_until_ended(job) for job in jobs]
    _go_on(slow)
    wait_for(lambda: all(_has_let_go(job) for job in jobs), "the slow worker to let go", 60)
    for job in ended:
        _assert_ended_once(job)
    return FailedAttempt.objects.filter(job__in=jobs, code="worker_lost").values("job").distinct().count()


def _words(place: Fault | None) -> str:
    if place is None:
        return "by chance"
    return "claimed ahead" if place is _CLAIM_AHEAD else f"{place.place} {place.moment}"


def _assert_ended_once(ended: Job) -> None:
    """What was seen when it ended is all that it came to: one charge, each picture once."""
    count = ended.num_images
    assert (ended.status, hold_of(ended).settled, hold_of(ended).released) == (Job.Status.FINISHED, count, 0)
    assert sorted(Image.objects.filter(job=ended).values_list("index", flat=True)) == list(range(count))
    lines = LedgerEntry.objects.filter(hold=hold_of(ended)).order_by("id")
    assert [(line.kind, line.credits) for line in lines] == [("hold", count), ("settle", count)]
    assert Job.objects.get(pk=ended.pk).finished_at == ended.finished_at


def _await_stopped(pair: GpuCluster, folder: Path, jobs: list[Job]) -> list[psutil.Process]:
    """Wait for the worker that stalls; nobody does where pictures come faster than they are stored."""
    open_ones = Job.objects.filter(pk__in=[job.pk for job in jobs], status__in=Job.ACTIVE)
    wait_for(lambda: faults.is_met(folder) or not open_ones.exists(), "a stall, or the end")
    if faults.withdraw(folder):
        return []
    return wait_for(lambda: [one for one in _family(pair) if _is_stopped(one)], "a worker that stalls")


def _stop_at_random(job: Job, dice: random.Random) -> list[psutil.Process]:
    """Stop the worker that has the run, and its engine; nobody where it has ended before anybody looked."""
    begun = wait_for(Job.objects.filter(pk=job.pk).exclude(status=Job.Status.NEW).first, f"the start of {job}")
    if not begun.is_active:
        return []
    pid = int(begun.claimed_by.split("#")[0].rpartition(":")[2])
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
