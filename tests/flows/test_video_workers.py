"""A video by a real worker and engine, killed at the worst moments: one video, one charge, no files that nobody has."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from billing.models import LedgerEntry
from generation import lifecycle
from generation.models import Clip, Image, Job
from tests.flows.clusters import wait_for, wait_until_running
from tests.generation.runs import balance, hold_of, make_person
from tests.generation.videos import submit_video
from tests.generation.workers import await_drawing, await_end, drain, files_of, slow_worker_process, worker_process

pytestmark = pytest.mark.django_db(transaction=True)

FOR_EVER = 300.0


@pytest.fixture(autouse=True)
def _noop_engine(settings: LazySettings) -> None:
    settings.ENGINE_BACKEND = "noop"
    settings.ENGINE_NOOP_SECONDS = FOR_EVER
    settings.JOB_LEASE_SECONDS = 3.0


def kept_files(settings: LazySettings) -> set[Path]:
    return {path for path in (Path(settings.MEDIA_ROOT) / "pictures").rglob("*") if path.is_file()}


def assert_made_once(job: Job, attempt: int) -> None:
    """Check that the run has one video with all its files, and was charged once."""
    job = Job.objects.select_related("hold").get(pk=job.pk)
    assert (job.status, job.attempt, job.images_stored) == (Job.Status.FINISHED, attempt, 1)
    assert hold_of(job).settled == 12
    assert LedgerEntry.objects.filter(kind="settle", hold=job.hold_id).count() == 1
    assert balance(job.user) == 88
    assert Clip.objects.get().frames == 16
    assert len(files_of(job)) == 6


def test_an_engine_that_is_killed_half_way_draws_it_anew(settings: LazySettings) -> None:
    before = kept_files(settings)
    job = submit_video(make_person(), seconds=1)
    with slow_worker_process() as process:
        wait_until_running(job)
        await_drawing(process).kill()
        await_end(process)
    assert_made_once(job, attempt=2)
    assert len(kept_files(settings) - before) == 6


def test_a_worker_that_is_killed_half_way_leaves_it_to_the_next(settings: LazySettings) -> None:
    job = submit_video(make_person(), seconds=1)
    with worker_process() as process:
        wait_until_running(job)
        process.kill()
        process.join()
    settings.ENGINE_NOOP_SECONDS = 0.0
    wait_for(lifecycle.reap, "the end of the dead worker's lease")
    drain("w2")
    assert_made_once(job, attempt=2)
    assert Image.objects.count() == 1
