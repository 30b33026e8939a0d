"""The training worker with a real engine that learns nothing: what a training comes to, whatever goes wrong."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import LazySettings
from django.utils import timezone
from django_q.models import OrmQ

from billing.models import LedgerEntry
from generation import base_weights, catalog, custom_models, image_check, lifecycle, model_faces, progress, trainings
from generation.models import CustomModel, Job, QueueSwitch
from generation.progress import Progress
from generation.training_worker import TrainingWorker
from tests.flows.clusters import wait_for
from tests.generation.base_models import movable, put_weights
from tests.generation.engine.test_scratch import fill_disk_under
from tests.generation.runs import balance, hold_of, submit
from tests.generation.trainees import CREDITS, folder_of, fresh, make_trainee, model_of, ordered, train_all
from tests.generation.workers import await_end, drain, family, forked, start_slow

pytestmark = pytest.mark.django_db(transaction=True)

Status = Job.Status
State = CustomModel.State
# A step's seconds: a training has some hundred of them.
SLOW = 1.0


@pytest.fixture(autouse=True)
def _noop_engine(settings: LazySettings, tmp_path: Path) -> None:
    settings.ENGINE_BACKEND = "noop"
    settings.TRAINING_MAX_ATTEMPTS = 2
    settings.TRAINING_PAUSE_SECONDS = 0.0
    settings.LEASE_DIR = tmp_path / "run"


def release_reason(job: Job) -> str:
    return LedgerEntry.objects.get(kind="release", hold=job.hold_id).reason


def while_training(job: Job, act: Callable[[list[psutil.Process]], object]) -> None:
    """Have a worker train slowly, act once it has a checkpoint, and wait until it finds nothing more to do."""
    with forked(_drain_slowly) as process:
        wait_for(lambda: fresh(job).fruitful_attempt >= 1, "a checkpoint")
        act(family(process))
        await_end(process)


def _drain() -> None:
    TrainingWorker("t1").drain()


def _drain_slowly() -> None:
    worker = TrainingWorker("t1")
    start_slow(worker.engine)
    worker.drain()


def kill_engine(members: list[psutil.Process]) -> None:
    """Let the slow engine of a training go; the next ends it at once."""
    os.kill(members[1].pid, signal.SIGKILL)


def test_a_training_becomes_a_model_that_was_paid_for_once() -> None:
    user = make_trainee()
    job = ordered(user)

    train_all()

    model = model_of(job)
    assert (fresh(job).status, hold_of(fresh(job)).settled, balance(user)) == (Status.FINISHED, 2000, CREDITS - 2000)
    assert (model.state, model.rank, model.steps_done) == (State.READY, 32, model.steps_total)
    assert model.loss_curve[-1][0] == 500
    assert [sample.quarter for sample in model.samples.all()] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert not folder_of(job).exists()
    assert progress.read(job.pk) == Progress(48, 48)  # the ordinary pictures that it drew first


def test_a_killed_engine_is_gone_on_with(settings: LazySettings) -> None:
    settings.ENGINE_NOOP_SECONDS = SLOW
    job = ordered(make_trainee())

    while_training(job, kill_engine)

    assert (fresh(job).status, fresh(job).attempt) == (Status.FINISHED, 2)
    assert hold_of(fresh(job)).settled == 2000


def test_a_cancel_ends_it_and_gives_all_back(settings: LazySettings) -> None:
    settings.ENGINE_NOOP_SECONDS = SLOW
    user = make_trainee()
    job = ordered(user)

    while_training(job, lambda _: lifecycle.cancel(job))

    assert (fresh(job).status, balance(user), model_of(job).state) == (Status.CANCELED, CREDITS, State.DRAFT)
    assert not folder_of(job).exists()


def test_a_worker_that_lost_its_training_leaves_the_checkpoints_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    job = ordered(make_trainee())
    keep_weights = custom_models.keep_weights

    def lose_it_first(*args: Any, **facts: Any) -> Any:
        Job.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
        lifecycle.reap()
        assert lifecycle.claim_training("t2") is not None
        return keep_weights(*args, **facts)

    monkeypatch.setattr(custom_models, "keep_weights", lose_it_first)

    train_all()

    assert (fresh(job).status, fresh(job).attempt) == (Status.PROCESSING, 2)
    assert list(folder_of(job).rglob("*.safetensors"))


def test_a_pause_keeps_what_was_learned(settings: LazySettings) -> None:
    settings.ENGINE_NOOP_SECONDS = SLOW
    job = ordered(make_trainee())

    while_training(job, lambda _: QueueSwitch.objects.create(queue="training", is_paused=True))
    assert (fresh(job).status, model_of(job).state) == (Status.NEW, State.TRAINING)
    assert (folder_of(job) / "step.json").exists()

    QueueSwitch.objects.update(is_paused=False)
    settings.ENGINE_NOOP_SECONDS = 0.0
    train_all()
    assert (fresh(job).status, fresh(job).attempt) == (Status.FINISHED, 2)


def test_a_base_that_was_withdrawn_meanwhile_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_trainee()
    job = ordered(user)
    # Another mapping, not the same one without it: what is put back into a mapping comes last in it.
    left = {slug: each for slug, each in catalog.MODELS.items() if slug != "starter"}
    monkeypatch.setattr(catalog, "MODELS", left)

    train_all()

    assert (fresh(job).status, fresh(job).error_code, balance(user)) == (Status.FAILED, "withdrawn", CREDITS)
    assert "withdrawn" in release_reason(job)
    assert "withdrawn" in model_of(job).failure_reason


def test_pictures_that_were_deleted_meanwhile_cost_nothing() -> None:
    user = make_trainee()
    job = ordered(user)
    model_of(job).pictures.all().delete()

    train_all()

    assert (fresh(job).error_code, balance(user), model_of(job).state) == ("source_gone", CREDITS, State.FAILED)


def test_a_folder_that_cannot_be_written_ends_it_with_the_reason() -> None:
    user = make_trainee()
    job = ordered(user)
    folder_of(job).mkdir(parents=True)
    (folder_of(job) / "step.json.part").mkdir()  # no checkpoint can be written

    train_all()

    assert (fresh(job).status, fresh(job).attempt, balance(user)) == (Status.FAILED, 2, CREDITS)
    assert "Your credits are back" in release_reason(job)


def test_a_store_that_takes_no_weights_at_the_end_gives_all_back_and_keeps_the_draft(settings: LazySettings) -> None:
    user = make_trainee()
    job = ordered(user)
    leave_all_steps(job)
    place = Path(settings.MEDIA_ROOT) / custom_models.folder_of(model_of(job))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("no folder")

    train_all()

    assert (fresh(job).status, fresh(job).attempt, balance(user)) == (Status.FAILED, 2, CREDITS)
    assert release_reason(job) == f"Given back: {fresh(job).error_message}"
    assert "Something went wrong while training. Your credits are back" in model_of(job).failure_reason
    assert (model_of(job).state, model_of(job).pictures.count(), hold_of(fresh(job)).settled) == (State.FAILED, 5, 0)
    place.unlink()
    assert trainings.start(model_of(job), user, "again").pk != job.pk


def test_a_full_disk_lets_it_wait_for_a_day_and_costs_no_attempt() -> None:
    user = make_trainee()
    job = ordered(user)
    folder_of(job).mkdir(parents=True)
    fill_disk_under(folder_of(job) / "lora.safetensors")

    train_all()
    waiting = fresh(job)
    assert (waiting.status, waiting.attempt, waiting.fruitful_attempt) == (Status.NEW, 1, 1)
    assert timezone.now() < waiting.queued_at < timezone.now() + timedelta(minutes=1)
    assert model_faces.face_of(model_of(job)).waits_for_disk

    Job.objects.update(queued_at=timezone.now(), disk_full_since=timezone.now() - timedelta(hours=23))
    train_all()
    assert (fresh(job).status, fresh(job).fruitful_attempt) == (Status.NEW, 2)
    assert timedelta(minutes=9) < fresh(job).queued_at - timezone.now() <= timedelta(minutes=10)

    Job.objects.update(queued_at=timezone.now(), disk_full_since=timezone.now() - timedelta(hours=25))
    train_all()
    assert (fresh(job).status, fresh(job).error_code, balance(user)) == (Status.FAILED, "disk_full", CREDITS)
    assert "disk is full" in release_reason(job)


# --- The base model's weights are replaced --------------------------------------------------------------


@pytest.fixture
def _movable_starter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: LazySettings) -> None:
    monkeypatch.setattr(catalog, "MODELS", movable(tmp_path / "models"))


def leave_all_steps(job: Job) -> None:
    """Leave what an attempt left that had taken all of its steps: whoever goes on from it draws no samples."""
    folder_of(job).mkdir(parents=True)
    (folder_of(job) / "step.json").write_text('{"step": 500}')


@pytest.mark.usefixtures("_movable_starter")
@pytest.mark.parametrize(("weights", "samples"), [("first", 0), ("second", 8)])
def test_what_was_learned_on_other_weights_is_learned_anew(weights: str, samples: int) -> None:
    user = make_trainee()
    job = ordered(user)
    custom_models.train_on(model_of(job), base_weights.checksum_of(catalog.MODELS["starter"]))
    leave_all_steps(job)
    put_weights(weights)

    train_all()

    model = model_of(job)
    assert (model.state, model.samples.count(), balance(user)) == (State.READY, samples, CREDITS - 2000)
    assert model.base_sha256 == base_weights.checksum_of(catalog.MODELS["starter"])


@pytest.mark.usefixtures("_movable_starter")
def test_a_base_that_is_replaced_during_a_training_is_learned_on_anew(settings: LazySettings) -> None:
    settings.ENGINE_NOOP_SECONDS = 0.1
    user = make_trainee()
    job = ordered(user)

    with forked(_drain) as process:
        wait_for(lambda: fresh(job).fruitful_attempt >= 1, "a checkpoint")
        put_weights("second")
        await_end(process)

    assert (fresh(job).status, fresh(job).attempt, balance(user)) == (Status.FINISHED, 2, CREDITS - 2000)
    assert model_of(job).base_sha256 == base_weights.checksum_of(catalog.MODELS["starter"])
    assert LedgerEntry.objects.filter(kind="settle").count() == 1


def test_a_training_that_waits_for_the_disk_holds_nobody_up() -> None:
    failing, other = ordered(make_trainee()), ordered(make_trainee("bob@example.com"))
    folder_of(failing).mkdir(parents=True)
    fill_disk_under(folder_of(failing) / "lora.safetensors")

    train_all()

    assert (fresh(failing).status, fresh(failing).attempt) == (Status.NEW, 1)
    assert fresh(failing).disk_full_since is not None
    assert fresh(other).status == Status.FINISHED


def test_what_a_canceled_training_left_goes_at_the_next_ring() -> None:
    user = make_trainee()
    job = ordered(user)
    leave_all_steps(job)
    custom_models.delete(model_of(job))
    assert OrmQ.objects.filter(key="training").count() == 2

    train_all()

    assert (fresh(job).status, balance(user)) == (Status.CANCELED, CREDITS)
    assert not folder_of(job).exists()


def test_pictures_are_drawn_while_a_training_goes_on(settings: LazySettings) -> None:
    settings.ENGINE_NOOP_SECONDS = SLOW
    settings.TRAINING_SLICE_SECONDS = 0.0
    user = make_trainee()
    training = ordered(user)
    drawn: list[str] = []

    def draw(members: list[psutil.Process]) -> None:
        picture = submit(user)
        drain()
        drawn.append(fresh(picture).status)
        steps = model_of(training).steps_done
        wait_for(lambda: model_of(training).steps_done > steps, "the next steps")
        assert (fresh(training).status, fresh(training).attempt) == (Status.PROCESSING, 1)
        kill_engine(members)

    while_training(training, draw)

    assert drawn == [Status.FINISHED]
    assert fresh(training).status == Status.FINISHED


class _ObjectsOnce:
    """A classifier that finds its first picture indecent."""

    def __init__(self) -> None:
        self._seen = 0

    def scores(self, pixels: image_check.Pixels) -> dict[str, float]:
        self._seen += 1
        return {"sexual": 0.9 if self._seen == 1 else 0.0}


def test_a_sample_that_is_not_allowed_is_not_kept(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    job = ordered(make_trainee())
    settings.MODERATION_IMAGES = "nudenet"
    classifier = _ObjectsOnce()
    monkeypatch.setattr(image_check, "_nudenet", lambda: classifier)

    train_all()

    model = model_of(job)
    assert (model.state, [sample.quarter for sample in model.samples.all()]) == (State.READY, [1, 2, 2, 3, 3, 4, 4])
