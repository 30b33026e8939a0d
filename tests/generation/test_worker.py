"""The worker with a real engine and real storage: what a run comes to, whatever goes wrong on the way."""

import os
import shutil
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import LazySettings
from django.db import connection
from django_q.models import OrmQ

from accounts.law import Law
from billing.models import LedgerEntry
from generation import catalog, lifecycle, progress
from generation.engine.client import Engine, EngineOptions
from generation.engine.noop import colour_of
from generation.models import Image, Job, ModerationCase
from generation.worker import Worker
from tests.flows.clusters import wait_for, wait_until_running
from tests.generation.engine.forgetful import ForgetfulOptions
from tests.generation.runs import balance, hold_of, make_person, submit
from tests.generation.workers import (
    await_drawing,
    await_end,
    await_engine,
    drain,
    files_of,
    forked,
    scratch_of,
    slow_worker_process,
    worker_process,
)

pytestmark = pytest.mark.django_db(transaction=True)

Status = Job.Status
FOR_EVER = 300.0


@pytest.fixture(autouse=True)
def _noop_engine(settings: LazySettings) -> None:
    settings.ENGINE_BACKEND = "noop"
    settings.JOB_MAX_ATTEMPTS = 2


def fresh(job: Job) -> Job:
    return Job.objects.select_related("hold").get(pk=job.pk)


def given_back(job: Job) -> str:
    """Return the reason on the line that gave the run's credits back."""
    return LedgerEntry.objects.get(kind="release", hold=job.hold_id).reason


# --- A run that goes well -----------------------------------------------------------------------------


def test_waiting_runs_become_pictures_and_are_charged() -> None:
    ada, bob = make_person(credits=10), make_person("bob@example.com", credits=10)
    jobs = [submit(ada, num_images=3), submit(bob, num_images=2)]

    drain()

    for job, person, left in zip(jobs, (ada, bob), (7, 8), strict=True):
        job = fresh(job)
        assert (job.status, job.attempt, hold_of(job).settled) == (Status.FINISHED, 1, job.num_images)
        assert [image.index for image in job.images.order_by("index")] == list(range(job.num_images))
        assert len(files_of(job)) == 3 * job.num_images
        assert balance(person) == left


def test_what_the_engines_checker_objects_to_is_held_back_and_free(settings: LazySettings) -> None:
    settings.MODERATION_IMAGES = "safety-checker"
    user = make_person(credits=10)
    # The no-op engine takes red for explicit.
    red, other = (next(seed for seed in range(999) if (colour_of(seed)[0] > 200) == is_red) for is_red in (True, False))
    jobs = [submit(user, seed=seed, num_images=1) for seed in (red, other)]

    drain()

    refused, drawn = map(fresh, jobs)
    assert (refused.status, refused.error_code, refused.images_stored) == (Status.FAILED, "blocked", 0)
    assert (drawn.status, drawn.images_stored, balance(user)) == (Status.FINISHED, 1, 9)
    assert "explicit sexual content" in given_back(refused)
    assert ModerationCase.objects.get().job == refused


def test_each_picture_has_the_seed_that_comes_after_the_one_before() -> None:
    job = submit(make_person(), num_images=3, seed=41)

    drain()

    assert [image.seed for image in job.images.order_by("index")] == [41, 42, 43]


def test_a_run_leaves_neither_raw_pictures_nor_progress_behind() -> None:
    job = submit(make_person(), num_images=2)

    drain()

    assert not scratch_of(job).exists()
    assert progress.read(job.pk) is None


# --- Cancel --------------------------------------------------------------------------------------------


def test_cancel_stops_the_engine_and_gives_the_credits_back(settings: LazySettings) -> None:
    settings.ENGINE_NOOP_SECONDS = FOR_EVER
    user = make_person(credits=100)
    job = submit(user, num_images=4, steps=100)
    with worker_process() as process:
        lifecycle.cancel(wait_until_running(job))
        # Only the cancel can end it: the engine would draw for longer than anybody waits here.
        await_end(process)

    assert fresh(job).status == Status.CANCELED
    assert balance(user) == 100
    assert not Image.objects.exists()
    assert not scratch_of(job).exists()


def test_cancel_of_one_run_leaves_the_others_of_its_batch_alone(settings: LazySettings) -> None:
    settings.ENGINE_NOOP_SECONDS = 8.0
    user = make_person(credits=10)
    unwanted, wanted = submit(user), submit(user, prompt="an owl")
    with worker_process() as process:
        lifecycle.cancel(wait_until_running(unwanted))
        await_end(process)

    assert (fresh(unwanted).status, fresh(wanted).status) == (Status.CANCELED, Status.FINISHED)
    assert [image.job_id for image in Image.objects.all()] == [wanted.pk]
    assert balance(user) == 9


# --- The engine fails ------------------------------------------------------------------------------------


def test_a_run_whose_engine_is_killed_is_drawn_again_and_charged_once(settings: LazySettings) -> None:
    settings.ENGINE_NOOP_SECONDS = FOR_EVER
    user = make_person(credits=10)
    job = submit(user, num_images=2)
    with slow_worker_process() as process:
        wait_until_running(job)
        await_drawing(process).kill()
        await_end(process)

    job = fresh(job)
    assert (job.status, job.attempt, hold_of(job).settled) == (Status.FINISHED, 2, 2)
    assert balance(user) == 8
    assert job.images.count() == 2


@pytest.mark.parametrize("options", [{"backend": "none of ours"}, {"backend": "noop", "start_seconds": 0.01}])
def test_an_engine_that_cannot_start_fails_the_run_after_its_attempts(options: dict[str, Any], tmp_path: Path) -> None:
    user = make_person(credits=10)
    job = submit(user)

    with forked(partial(_drain_with, EngineOptions(tmp_path / "engine.log", **options))) as process:
        await_end(process)

    job = fresh(job)
    assert (job.status, job.attempt, job.error_code) == (Status.FAILED, 2, "crashed")
    assert job.error_message == "The drawing stopped unexpectedly. Your credits are back; please try again."
    assert balance(user) == 10
    assert job.error_message in given_back(job)


def test_runs_that_take_too_long_end_one_after_the_other(settings: LazySettings) -> None:
    settings.ENGINE_NOOP_SECONDS = FOR_EVER
    settings.JOB_DEADLINE_SECONDS = 1
    user = make_person(credits=10)
    first, second = submit(user, size="128x128"), submit(user, size="128x96")

    drain()

    assert [(fresh(job).status, fresh(job).error_code) for job in (first, second)] == [(Status.FAILED, "timeout")] * 2
    assert balance(user) == 10


def test_a_model_file_that_is_cut_short_fails_the_run_with_the_reason(settings: LazySettings, tmp_path: Path) -> None:
    settings.ENGINE_BACKEND = "diffusers"
    settings.MODELS_DIR = tmp_path
    damaged = shutil.copytree(catalog.STARTER_FOLDER, tmp_path / "stable-diffusion-1-5")
    os.truncate(damaged / "vae" / "diffusion_pytorch_model.safetensors", 1_000_000)
    user = make_person(credits=10)
    job = submit(user, model="stable-diffusion-1-5", steps=1)

    drain()

    job = fresh(job)
    assert (job.status, job.attempt, job.error_code) == (Status.FAILED, 1, "model_damaged")
    assert job.error_message.startswith("The model's files are damaged.")
    assert balance(user) == 10


def test_a_model_that_left_the_catalogue_fails_the_run_with_the_reason() -> None:
    user = make_person(credits=10)
    job = submit(user)
    Job.objects.filter(pk=job.pk).update(served_by="gone")

    drain()

    assert (fresh(job).status, fresh(job).error_code) == (Status.FAILED, "model_missing")
    assert balance(user) == 10


# --- The engine says that it is done, and pictures are missing ----------------------------------------------


def test_what_the_engine_has_left_out_is_tried_again_and_then_free(tmp_path: Path) -> None:
    user = make_person(credits=10)
    job = submit(user, num_images=2)

    with forked(partial(_drain_with, ForgetfulOptions(tmp_path / "engine.log"))) as process:
        await_end(process)

    job = fresh(job)
    assert (job.status, job.attempt, job.error_code) == (Status.FINISHED, 2, "internal")
    assert [image.index for image in job.images.all()] == [1]
    assert balance(user) == 9


def test_a_run_whose_pictures_cannot_be_kept_when_it_ends_badly_is_tried_again(tmp_path: Path) -> None:
    user = make_person(credits=10)
    refused, kept = submit(user, num_images=2, seed=41), submit(user, num_images=2, prompt="an owl", seed=7)
    refuse_the_seed = Law(_REFUSE_THE_SEED, _ALLOW_THE_SEED)
    refuse_the_seed.install(connection)
    try:
        with forked(partial(_drain_with, ForgetfulOptions(tmp_path / "engine.log"))) as process:
            await_end(process)
    finally:
        refuse_the_seed.remove(connection)

    assert [(fresh(job).attempt, fresh(job).images_stored) for job in (refused, kept)] == [(2, 0), (2, 1)]
    assert balance(user) == 9


def _drain_with(options: EngineOptions) -> None:
    worker = Worker("w1")
    worker.engine = Engine(options)
    while worker.drain():
        worker.storekeeper.wait()
    assert not worker.in_flight()
    worker.engine.kill()


_TABLE = Image._meta.db_table
_REFUSE_THE_SEED = {
    "sqlite": [
        f"CREATE TRIGGER no_42 BEFORE INSERT ON {_TABLE} WHEN NEW.seed = 42 BEGIN SELECT RAISE(ABORT, 'no'); END"
    ],
    "postgresql": [f"ALTER TABLE {_TABLE} ADD CONSTRAINT no_42 CHECK (seed <> 42) NOT VALID"],
}
_ALLOW_THE_SEED = {
    "sqlite": ["DROP TRIGGER no_42"],
    "postgresql": [f"ALTER TABLE {_TABLE} DROP CONSTRAINT no_42"],
}


# --- The disk is full --------------------------------------------------------------------------------------


def test_a_full_disk_under_the_engine_fails_the_run_with_the_reason() -> None:
    user = make_person(credits=10)
    job = submit(user)
    for attempt in ("1", "2"):
        folder = scratch_of(job) / attempt
        folder.mkdir(parents=True)
        # What the engine writes first goes to the device that is always full.
        (folder / "0.npy.part").symlink_to("/dev/full")

    drain()

    job = fresh(job)
    assert (job.status, job.attempt, job.error_code) == (Status.FAILED, 2, "disk_full")
    assert job.error_message.startswith("The server's disk is full.")
    assert balance(user) == 10
    assert not scratch_of(job).exists()


def test_a_scratch_folder_that_cannot_be_made_fails_the_run() -> None:
    user = make_person(credits=10)
    job = submit(user, prompt="a private fox")
    scratch_of(job).touch()

    drain()

    assert (fresh(job).status, fresh(job).error_code) == (Status.FAILED, "internal")
    assert balance(user) == 10
    # Operators see where it happened, each time, and nothing of what was asked for.
    assert [attempt.number for attempt in job.failed_attempts.order_by("id")] == [1, 2]
    told = job.failed_attempts.latest("id").detail
    assert "worker.py" in told
    assert told.endswith("Error")
    assert "private" not in told


@pytest.fixture
def _no_room_for_pictures(settings: LazySettings) -> Iterator[None]:
    """Put a file where the folder of all pictures would be."""
    folder = Path(settings.MEDIA_ROOT) / "pictures"
    aside = folder.with_name("pictures.aside")
    if folder.exists():
        folder.rename(aside)
    folder.touch()
    yield
    folder.unlink()
    if aside.exists():
        aside.rename(folder)


@pytest.mark.usefixtures("_no_room_for_pictures")
def test_pictures_that_cannot_be_stored_fail_the_run_with_the_reason() -> None:
    user = make_person(credits=10)
    job = submit(user, num_images=2)

    drain()

    job = fresh(job)
    assert (job.status, job.attempt, job.error_code) == (Status.FAILED, 2, "storage_failed")
    assert "could not be stored" in given_back(job)
    assert "disk" not in job.error_message  # they may go to a bucket, and the trouble may be another
    assert balance(user) == 10
    assert not scratch_of(job).exists()


@pytest.mark.usefixtures("_no_room_for_pictures")
def test_a_run_that_is_given_back_rings_for_the_worker_may_have_stopped_looking(settings: LazySettings) -> None:
    settings.JOB_MAX_ATTEMPTS = 1
    submit(make_person(credits=10))

    drain()

    assert OrmQ.objects.filter(key="gpu").count() == 2


@pytest.mark.usefixtures("_no_room_for_pictures")
def test_an_engine_that_draws_for_a_run_that_is_over_leaves_nothing_behind(settings: LazySettings) -> None:
    settings.BATCH_SIZE_MAX = 1
    settings.ENGINE_NOOP_SECONDS = 0.2
    jobs = [submit(make_person(f"{name}@example.com", credits=10), num_images=8) for name in ("ada", "bea")]

    drain()

    for job in jobs:
        assert fresh(job).error_code == "storage_failed"
        assert not scratch_of(job).exists()


# --- A worker that was replaced -----------------------------------------------------------------------------


def test_a_slow_worker_that_was_replaced_changes_nothing(settings: LazySettings) -> None:
    settings.ENGINE_NOOP_SECONDS = 5.0
    settings.JOB_LEASE_SECONDS = 1.0
    user = make_person(credits=10)
    job = submit(user, num_images=2)
    with worker_process("slow") as slow:
        wait_until_running(job)
        assert slow.pid is not None
        os.kill(slow.pid, signal.SIGSTOP)
        wait_for(lifecycle.reap, "the end of the slow worker's lease")
        settings.ENGINE_NOOP_SECONDS = 0.0
        drain("quick")
        kept = set(Image.objects.values_list("pk", flat=True))
        os.kill(slow.pid, signal.SIGCONT)
        await_end(slow)

    job = fresh(job)
    assert (job.status, job.attempt, hold_of(job).settled) == (Status.FINISHED, 2, 2)
    assert set(Image.objects.values_list("pk", flat=True)) == kept
    assert LedgerEntry.objects.filter(kind="settle").count() == 1
    assert balance(user) == 8


def test_the_engine_ends_with_its_worker(settings: LazySettings) -> None:
    settings.ENGINE_NOOP_SECONDS = FOR_EVER
    job = submit(make_person())
    with worker_process() as process:
        wait_until_running(job)
        engine = await_engine(process)
        process.kill()
        process.join()
        wait_for(lambda: not _lives(engine), "the end of the engine")


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
