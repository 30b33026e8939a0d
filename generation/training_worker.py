"""Takes trainings, has an engine train, hands the model on: claim → engine → weights → finish.

The engine lives as long as there is something to train and is let go then: a training's memory is nobody's who waits.
What belongs here: one attempt and what its failure costs. What does not: who is next (`lifecycle`), the training itself
(`inference.dreambooth`), what the model becomes (`custom_models`).
"""

import logging
import os
import time
import uuid
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import OperationalError, connection
from PIL import Image as Pillow

from generation import (
    base_weights,
    catalog,
    custom_models,
    disk_waits,
    doorbell,
    engines,
    image_check,
    lifecycle,
    progress,
    storing,
    training_folder,
    trainings,
)
from generation.catalog import CatalogModel
from generation.engine.client import Engine
from generation.engine.errors import EngineCrashed, EngineFailed, EngineTimeout, JobsCanceled
from generation.engine.protocol import Event
from generation.engine.training import (
    Checkpointed,
    Displaced,
    Prepared,
    Sampled,
    Trained,
    TrainingRequest,
    TrainingStep,
)
from generation.errors import CustomModelGone, JobEnded, ModelUnavailable, ModelUnknown, SourceGone
from generation.heart import Heart
from generation.lifecycle import Claim
from generation.models import CustomModel, FailedAttempt
from generation.training_recipes import class_prompts, recipe_for, sample_prompts, sampling_of
from generation.troubles import OF_TRAININGS, Trouble, trouble_of, unknown

logger = logging.getLogger(__name__)

_DRAIN_SECONDS = 12 * 3600.0
# What one conversation with the engine may take; a training that takes longer goes on in the next.
_DEADLINE_SECONDS = 24 * 3600.0
_REPORT_SECONDS = 2.0
_PAUSE_LOOK_SECONDS = 1.0


class BaseWithdrawn(Exception):
    """The base model is offered no more, or cannot be trained here any more."""


class BaseReplaced(Exception):
    """The base model has other weights now than those that were learned on."""


_ENDS: dict[type[Exception], str] = {
    BaseWithdrawn: "withdrawn",
    ModelUnknown: "withdrawn",
    ModelUnavailable: "withdrawn",
    SourceGone: "source_gone",
    CustomModelGone: "internal",
    EngineTimeout: "timeout",
}


class TrainingWorker:
    """One process that trains."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.engine = engines.for_trainings()
        self._attempt: _Attempt | None = None
        self._heart = Heart(self)

    def in_flight(self) -> Collection[uuid.UUID]:
        """The training in hand."""
        attempt = self._attempt
        return [] if attempt is None else [attempt.job.pk]

    @property
    def lost_its_engine(self) -> bool:
        """Nobody waits for a warm engine here."""
        return False

    def drain(self) -> int:
        """Train what waits until nothing does; returns how many trainings were taken."""
        self._heart.start()
        training_folder.remove_old()
        until, taken = time.monotonic() + _DRAIN_SECONDS, 0
        try:
            while claim := lifecycle.claim_training(self.name):
                taken += 1
                self._run(claim)
                if time.monotonic() > until:
                    doorbell.ring(doorbell.TRAINING_CLUSTER)
                    break
        finally:
            self.engine.kill()
        return taken

    def _run(self, claim: Claim) -> None:
        """Go through one attempt; whatever goes wrong is that training's trouble, never the worker's."""
        attempt = self._attempt = _Attempt(claim, self.engine)
        try:
            attempt.train()
        except JobEnded:
            attempt.tidy_up()
        except JobsCanceled:
            attempt.step_aside()
        except BaseReplaced:
            attempt.wait_again()
        except tuple(_ENDS) as error:
            self._end_badly(
                attempt, Trouble(_ENDS[type(error)], is_retryable=type(error) is EngineTimeout, detail=str(error))
            )
        except (EngineCrashed, EngineFailed, OSError) as error:
            self._end_badly(attempt, trouble_of(error, job=attempt.job.pk))
        except Exception as error:
            logger.exception("training failed", extra={"job": attempt.job.pk})
            self._end_badly(attempt, unknown(error))
        finally:
            self._attempt = None

    def _end_badly(self, attempt: "_Attempt", trouble: Trouble) -> None:
        """Let the training wait for a while and then be tried again, or end it and give its price back."""
        job = attempt.job
        self._attempt = None  # its lease is renewed no more
        verb = partial(lifecycle.fail, job, job.attempt)
        if trouble.code == "disk_full":
            verb = partial(disk_waits.wait, job, job.attempt)
        elif trouble.is_retryable:
            fruitless = max(1, job.attempt - job.fruitful_attempt)
            pause = settings.TRAINING_PAUSE_SECONDS * fruitless
            verb = partial(lifecycle.retry, job, job.attempt, pause_seconds=pause)
        try:
            storing.outlast(partial(verb, code=trouble.code, message=trouble.words(OF_TRAININGS)))
            storing.outlast(partial(FailedAttempt.objects.keep, job, trouble.code, trouble.detail))
        except JobEnded:
            pass
        job.refresh_from_db(fields=["status"])
        if not job.is_active:
            training_folder.remove(job)


class _Attempt:
    """One claimed training on its way."""

    def __init__(self, claim: Claim, engine: Engine) -> None:
        self.claim = claim
        (self.job,) = claim.jobs
        self.engine = engine
        self.trained: Trained | None = None
        self._heard_at = time.monotonic()
        self._reported_at = 0.0
        self._prepared: int | None = None
        self._is_displaced = False
        self._is_paused, self._looked_at = False, 0.0

    def train(self) -> None:
        """Train, or go on with the training, and hand the model on.

        Raises: BaseWithdrawn, BaseReplaced, ModelUnknown, ModelUnavailable, SourceGone, CustomModelGone, JobEnded,
        EngineError, OSError.
        """
        self.model = CustomModel.objects.get(job=self.job)
        base = self._base()
        self._forget_other_weights(base)
        request = self._request(base)
        self.engine.train(base.spec(), request, self._hear, self._is_to_stop, _DEADLINE_SECONDS)
        assert self.trained is not None
        # Without it, or with other weights, nobody could use what was learned.
        if base_weights.checksum_of(self._base()) != self.model.base_sha256:
            raise BaseReplaced
        self._hand_on(self.trained)
        training_folder.remove(self.job)

    def step_aside(self) -> None:
        """After a stop: wait again where an operator paused trainings; else it was canceled, or taken over."""
        if self._is_paused:
            self.wait_again()
        else:
            self.tidy_up()

    def wait_again(self) -> None:
        """Let the training go on later, at no fault of its own."""
        try:
            storing.outlast(partial(lifecycle.put_back, self.job, self.job.attempt))
        except JobEnded:
            self.tidy_up()

    def tidy_up(self) -> None:
        """Remove the training's folder if it has ended. If another worker took it over, the folder is that worker's."""
        storing.outlast(partial(self.job.refresh_from_db, fields=["status"]))
        if not self.job.is_active:
            training_folder.remove(self.job)

    def _forget_other_weights(self, base: CatalogModel) -> None:
        """Begin anew where the base got other weights since the last attempt. Raises: CustomModelGone, OSError."""
        found = base_weights.checksum_of(base)
        if found == self.model.base_sha256:
            return
        if self.model.base_sha256:
            logger.warning("base has other weights, training begins anew", extra={"job": self.job.pk})
            training_folder.remove(self.job)
        custom_models.train_on(self.model, found)

    def _base(self) -> CatalogModel:
        """Return the base, turned off since or not. Raises: BaseWithdrawn, ModelUnknown."""
        base = catalog.find(self.job.served_by).model
        if not trainings.is_trainable(base):
            raise BaseWithdrawn
        return base

    def _request(self, base: CatalogModel) -> TrainingRequest:
        recipe = recipe_for(base, settings.TRAINING_CHECKPOINT_SECONDS, settings.TRAINING_STEPS)
        assert recipe is not None
        subject, word = self.model.subject_class, self.model.trigger_word
        return TrainingRequest(
            id=str(self.job.pk),
            folder=str(training_folder.folder_of(self.job)),
            pictures=training_folder.write_pictures(self.job, self.model),
            class_prompts=class_prompts(subject),
            sample_prompts=sample_prompts(subject, word),
            recipe=recipe,
            sampling=sampling_of(base),
            seed=self.job.params["seed"],
            base_sha256=self.model.base_sha256,
        )

    def _hear(self, event: Event) -> None:
        """Pass on what the engine says."""
        self._heard_at = time.monotonic()
        if isinstance(event, TrainingStep):
            self._report(event)
        elif isinstance(event, Checkpointed) and event.is_new:
            self._note_progress()
        elif isinstance(event, Prepared):
            if self._prepared is not None and event.done > self._prepared:
                self._note_progress()
            self._prepared = event.done
            progress.prepared(self.job.pk, event.done, event.of)
        elif isinstance(event, Sampled):
            self._keep_sample(event)
        elif isinstance(event, Displaced):
            self._is_displaced = event.is_waiting
        elif isinstance(event, Trained):
            self.trained = event

    def _keep_sample(self, event: Sampled) -> None:
        """Keep a sample unless this process's own classifier objects to it: then nobody sees it."""
        pixels = np.load(event.path, allow_pickle=False)
        if sight := image_check.verdict(image_check.look(pixels)):
            logger.warning("sample not kept", extra={"job": self.job.pk, "category": sight.category})
            return
        picture = Pillow.fromarray(pixels)
        custom_models.add_sample(
            self.model, picture, quarter=event.quarter, position=event.position, prompt=event.prompt
        )

    def _report(self, event: TrainingStep) -> None:
        if event.step < event.of and time.monotonic() - self._reported_at < _REPORT_SECONDS:
            return
        self._reported_at = time.monotonic()
        report = partial(custom_models.report, self.model, step=event.step, of=event.of, losses=event.losses)
        _shrug(partial(report, seconds_left=event.seconds_left))

    def _note_progress(self) -> None:
        """Let this attempt's end not count against the run: it has left something that the next goes on from."""
        if self.job.fruitful_attempt != self.job.attempt:
            storing.outlast(partial(lifecycle.progressed, self.job, self.job.attempt))

    def _is_to_stop(self) -> bool:
        """Whether the training was canceled, taken over or paused. Raises: EngineTimeout when the engine is silent."""
        now = time.monotonic()
        if not self._is_displaced and now - self._heard_at > settings.TRAINING_SILENCE_SECONDS:
            raise EngineTimeout(settings.TRAINING_SILENCE_SECONDS)
        try:
            if now - self._looked_at >= _PAUSE_LOOK_SECONDS:
                self._looked_at = now
                self._is_paused = trainings.is_paused()
            return self._is_paused or bool(lifecycle.ended(self.claim, [self.job.pk]))
        except OperationalError:
            connection.close()  # away for a moment; the training need not stop for that
            return False

    def _hand_on(self, trained: Trained) -> None:
        """Store the weights, then end the run and make the model ready together."""
        weights = custom_models.keep_weights(self.model, Path(trained.path), rank=trained.rank)
        finish = partial(custom_models.finish, self.model, weights, losses=trained.losses)
        try:
            storing.outlast(partial(lifecycle.finish_training, self.job, self.job.attempt, finish))
        except BaseException:
            # A commit whose answer was lost was done all the same; its weights are the model's.
            if not CustomModel.objects.filter(pk=self.model.pk, weights=weights.name).exists():
                custom_models.discard(weights)
            raise


def _shrug(write: Callable[[], None]) -> None:
    """Write what is for the eye alone; while the database is away, the next will do."""
    try:
        write()
    except OperationalError:
        connection.close()


_worker: TrainingWorker | None = None


def of_this_process() -> TrainingWorker:
    """Return this process's worker, made at the first ring."""
    global _worker
    if _worker is None:
        _worker = TrainingWorker(f"{settings.WORKER_NAME}:{os.getpid()}")
    return _worker
