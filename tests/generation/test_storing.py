"""From raw pixels to files and rows: what is kept, what is thrown away, and who pays for it."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.conf import LazySettings, settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, InternalError, OperationalError, connection
from django_q.models import OrmQ
from psycopg.errors import IdleInTransactionSessionTimeout

from accounts.ids import uuid7
from generation import licences, lifecycle, storage, storing
from generation.models import Image, Job
from generation.params import SEED_MAX
from generation.storing import Run, Storekeeper
from tests.generation.pictures import content, put_on
from tests.generation.runs import balance, claim, hold_of, make_person, submit
from tests.generation.workers import run_forked

pytestmark = pytest.mark.django_db(transaction=True)

Status = Job.Status


def start_run(email: str = "ada@example.com", **values: int) -> Run:
    """Claim a run of somebody who has ten credits."""
    submit(make_person(email, credits=10), key=email, **values)
    job = claim(email).jobs[0]
    scratch = Path(settings.SCRATCH_DIR) / job.pk.hex / str(job.attempt)
    scratch.mkdir(parents=True)
    return Run(job, job.attempt, scratch, set(range(job.num_images)))


def raw(run: Run, index: int) -> Path:
    """Write a picture as the engine does."""
    path = run.scratch / f"{index}.npy"
    np.save(path, np.full((32, 32, 3), index, dtype=np.uint8))
    return path


def store(run: Run, *indexes: int) -> list[Image]:
    """Store pictures of the run, not yet kept; its keys say where."""
    for index in indexes:
        image_id = uuid7()
        files = storage.save(image_id, raw(run, index))
        terms = licences.terms_now(run.job.user_id, run.job.served_by)
        run.stored.append(storing._row(run, index, image_id, files, terms))
        run.missing.discard(index)
    return list(run.stored)


def files_exist(images: list[Image]) -> bool:
    there = {default_storage.exists(key) for image in images for key in image.files}
    assert len(there) == 1
    return there.pop()


def now(run: Run) -> Job:
    return Job.objects.select_related("hold", "user").get(pk=run.job.pk)


# --- keep ------------------------------------------------------------------------------------------------


def test_the_last_picture_ends_the_run_and_charges_it() -> None:
    run = start_run(num_images=2)
    images = store(run, 0, 1)

    storing.keep(run)

    job = now(run)
    assert (job.status, hold_of(job).settled, balance(job.user)) == (Status.FINISHED, 2, 8)
    assert files_exist(images)
    assert run.is_over
    assert not run.scratch.parent.exists()


def test_a_picture_of_a_run_that_goes_on_is_kept_at_once_and_charged_later() -> None:
    run = start_run(num_images=2)
    store(run, 0)

    storing.keep(run)

    job = now(run)
    assert (job.status, job.images_stored, hold_of(job).settled) == (Status.PROCESSING, 1, 0)
    assert run.scratch.exists()
    assert not run.is_over


def test_pictures_of_a_run_that_was_canceled_are_thrown_away() -> None:
    run = start_run(num_images=2)
    images = store(run, 0, 1)
    lifecycle.cancel(run.job)

    storing.keep(run)

    job = now(run)
    assert (job.status, hold_of(job).settled, balance(job.user)) == (Status.CANCELED, 0, 10)
    assert not files_exist(images)
    assert not Image.objects.exists()
    assert run.is_over


def test_pictures_whose_commit_was_not_answered_stay() -> None:
    run = start_run(num_images=2)
    images = store(run, 0, 1)
    # The first try went through, but nobody was told; this is the second.
    lifecycle.finish(run.job, run.attempt, images)

    storing.keep(run)

    assert files_exist(images)
    assert Image.objects.count() == 2
    assert hold_of(now(run)).settled == 2


def test_pictures_whose_rows_the_database_refuses_leave_no_files() -> None:
    run = start_run(num_images=2)
    kept, twice = store(run, 0, 0)
    run.stored = [kept]
    storing.keep(run)
    run.stored = [twice]

    with pytest.raises(IntegrityError):
        storing.keep(run)

    assert (files_exist([kept]), files_exist([twice])) == (True, False)


def test_what_is_forgotten_before_it_was_kept_leaves_no_files() -> None:
    run = start_run(num_images=2)
    images = store(run, 0)

    storing.forget(run)

    assert not files_exist(images)
    assert not run.scratch.parent.exists()


def test_a_run_that_is_forgotten_leaves_the_folder_of_its_next_attempt_alone() -> None:
    run = start_run()
    another = run.scratch.with_name("2")
    another.mkdir()

    storing.forget(run)

    assert (run.scratch.exists(), another.exists()) == (False, True)


def test_seeds_begin_anew_after_the_largest() -> None:
    run = start_run(num_images=2, seed=SEED_MAX)

    assert [storing.seed_of(run.job, index) for index in (0, 1)] == [SEED_MAX, 0]


# --- outlast ---------------------------------------------------------------------------------------------


def test_a_write_is_tried_again_until_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "_DATABASE_PAUSE_SECONDS", 0.0)
    stood_still = InternalError("cut off")
    stood_still.__cause__ = IdleInTransactionSessionTimeout()
    tries = iter([OperationalError("away"), stood_still, None])

    def write() -> None:
        error = next(tries)
        if error:
            raise error

    storing.outlast(write)

    assert list(tries) == []


def test_a_write_is_given_up_when_the_database_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "_DATABASE_PATIENCE_SECONDS", 0.0)

    def write() -> None:
        raise OperationalError("away")

    with pytest.raises(OperationalError, match="away"):
        storing.outlast(write)


def test_pictures_that_are_stored_wait_for_the_database_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "_DATABASE_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(storing, "_DATABASE_PAUSE_SECONDS", 0.0)
    run = start_run()
    images = store(run, 0)
    away = [OperationalError("away")] * 5

    def statement(execute: Any, sql: str, *rest: Any) -> Any:
        if away and "generation_job" in sql:
            raise away.pop()
        return execute(sql, *rest)

    with connection.execute_wrapper(statement), monkeypatch.context() as patch:
        patch.setattr(connection, "close", lambda: None)  # it would forget the wrapper
        storing.keep(run)

    assert not away
    assert now(run).status == Status.FINISHED
    assert files_exist(images)


def test_a_bucket_that_is_away_is_tried_again_and_another_trouble_is_not(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    monkeypatch.setattr(storing, "_STORE_PAUSE_SECONDS", 0.0)
    settings.S3_BUCKET = "media"
    troubles: list[Exception] = [
        EndpointConnectionError(endpoint_url="http://bucket"),
        ClientError({"ResponseMetadata": {"HTTPStatusCode": 503}}, "PutObject"),
    ]

    def write() -> str:
        if troubles:
            raise troubles.pop()
        return "written"

    assert storing.outlast_store(write) == "written"

    troubles = [ClientError({"ResponseMetadata": {"HTTPStatusCode": 403}}, "PutObject")]
    with pytest.raises(ClientError):
        storing.outlast_store(write)
    settings.S3_BUCKET = ""
    troubles = [OSError("no room on the disk")]
    with pytest.raises(OSError, match="no room"):
        storing.outlast_store(write)


def test_what_was_asked_for_is_returned() -> None:
    assert storing.outlast(lambda: 42) == 42


# --- The licence -----------------------------------------------------------------------------------------


def test_a_plan_that_begins_within_a_run_counts_from_the_next_picture_on() -> None:
    run = start_run(num_images=2)
    put_on(run.job.user, "free")
    storekeeper = Storekeeper()

    storekeeper._store(run, 0, raw(run, 0))
    put_on(run.job.user, "pro")
    storekeeper._store(run, 1, raw(run, 1))

    rows = Image.objects.order_by("index").values_list("plan", "licence", "model_licence")
    assert list(rows) == [("free", "personal", "MIT"), ("pro", "commercial", "MIT")]
    for image in Image.objects.all():
        assert hashlib.sha256(content(image)).hexdigest() == image.sha256


# --- The storekeeper -------------------------------------------------------------------------------------


def test_the_storekeeper_makes_files_and_rows_of_what_it_is_given() -> None:
    run = start_run(num_images=3)

    def work() -> None:
        storekeeper = Storekeeper()
        for index in range(3):
            storekeeper.put(run, index, raw(run, index))
        storekeeper.wait()
        assert (storekeeper.backlog, run.is_over) == (0, True)

    run_forked(work)

    images = list(Image.objects.order_by("index"))
    assert [image.index for image in images] == [0, 1, 2]
    assert files_exist(images)
    assert now(run).status == Status.FINISHED


def test_a_picture_that_cannot_be_stored_sends_its_run_back_and_no_other() -> None:
    bad, good = start_run(), start_run("bob@example.com")
    rings = OrmQ.objects.count()

    def work() -> None:
        storekeeper = Storekeeper()
        storekeeper.put(bad, 0, bad.scratch / "it was never written.npy")
        storekeeper.put(good, 0, raw(good, 0))
        storekeeper.wait()

    run_forked(work)

    assert (now(bad).status, now(good).status) == (Status.NEW, Status.FINISHED)
    assert OrmQ.objects.count() == rings + 1
    assert not bad.scratch.exists()


def test_a_run_that_cannot_be_given_back_holds_up_no_other() -> None:
    bad, good = start_run(), start_run("bob@example.com")

    def work() -> None:
        storekeeper = Storekeeper()
        bad.scratch = None  # type: ignore[assignment]  # neither stored nor cleared away
        storekeeper.put(bad, 0, good.scratch)
        storekeeper.put(good, 0, raw(good, 0))
        storekeeper.wait()

    run_forked(work)

    assert now(good).status == Status.FINISHED


def test_a_picture_of_a_run_that_is_over_is_not_stored() -> None:
    run = start_run()

    def work() -> None:
        run.is_over = True
        storekeeper = Storekeeper()
        storekeeper.put(run, 0, raw(run, 0))
        storekeeper.wait()

    run_forked(work)

    assert not Image.objects.exists()
    assert now(run).status == Status.PROCESSING


class _Scores(dict[str, float]):
    """What the engine says of a picture; something else happens while it is read."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(nudity=0.0)
        self._meanwhile = meanwhile

    def get(self, key: str, default: Any = None) -> Any:
        self._meanwhile()
        return super().get(key, default)


def test_a_run_that_ends_while_a_picture_is_looked_at_leaves_no_files() -> None:
    before = set(storage.files_under("pictures"))
    run = start_run(num_images=3)

    def work() -> None:
        storekeeper = Storekeeper()
        storekeeper.put(run, 0, raw(run, 0), _Scores(lambda: storing.forget(run)))
        storekeeper.put(run, 1, raw(run, 1))  # so that the first is not kept before the second is there
        storekeeper.wait()

    run_forked(work)

    assert set(storage.files_under("pictures")) == before


def test_a_picture_that_nobody_could_look_at_leaves_no_files() -> None:
    before = set(storage.files_under("pictures"))
    run = start_run()

    def fail() -> None:
        raise OSError("the scores are gone")

    def work() -> None:
        storekeeper = Storekeeper()
        storekeeper.put(run, 0, raw(run, 0), _Scores(fail))
        storekeeper.wait()

    run_forked(work)

    assert now(run).status == Status.NEW
    assert set(storage.files_under("pictures")) == before
