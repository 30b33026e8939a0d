"""Takes jobs, has the engine draw them, hands the pictures on: claim → engine → store → finish.

One ring drains the queue: while the engine draws a batch, the storekeeper's thread stores the batch
before it, and while it decodes one, the next is claimed. The exception ladder decides what a failure
costs: a job's retry or its end, never the worker.
"""

import logging
import os
import time
import uuid
from collections import Counter
from functools import cache, cached_property, partial
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection

from generation import (
    catalog,
    doorbell,
    engines,
    environments,
    image_check,
    input_files,
    lifecycle,
    lora_files,
    params,
    progress,
    storing,
)
from generation.catalog_shapes import CatalogModel
from generation.engine import protocol
from generation.engine.errors import EngineCrashed, EngineError, EngineFailed, EngineTimeout, JobsCanceled
from generation.engine.options import ONE_BY_ONE
from generation.errors import JobEnded, LoraGone, ModelUnknown, SourceGone
from generation.heart import Heart
from generation.lifecycle import Claim
from generation.models import FailedAttempt
from generation.storing import Run, Storekeeper
from generation.troubles import OF_PICTURES, Trouble, trouble_of, unknown

logger = logging.getLogger(__name__)

_DRAIN_SECONDS = 600.0
# Batches that may wait to be stored before the next is claimed; more would only fill the disk.
_BACKLOG_BATCHES = 2
# Decoding takes a moment; whoever waits for longer, because it hangs or did not fit, is somebody else's to draw.
_AHEAD_SECONDS = 5.0
# What no further attempt would mend.
_ENDS: dict[type[Exception], str] = {
    ModelUnknown: "model_missing",
    SourceGone: "source_gone",
    LoraGone: "lora_gone",
    EngineTimeout: "timeout",
}


class Worker:
    """One process that draws. Keeps its engine warm between rings."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.storekeeper = Storekeeper()
        self.engine = engines.for_pictures()
        self._weights = environments.Weights()
        self._in_flight: dict[uuid.UUID, Run] = {}
        self._heart = Heart(self)
        self._is_draining = False
        self._ahead: _Batch | None = None
        self._ahead_since = 0.0
        self._claims_ahead = False

    def drain(self) -> int:
        """Run what waits until nothing does; returns how many jobs were taken."""
        self._heart.start()
        self._is_draining = True
        try:
            return self._drain()
        finally:
            self._is_draining = False
            self._let_go_of_what_is_ahead()

    @property
    def lost_its_engine(self) -> bool:
        """Whether the engine died while nothing was asked of it; one that never came up does not count."""
        return not self._is_draining and self.engine.ready is not None and not self.engine.alive

    def warm(self) -> None:
        """Start the engine with the default model in memory, so that the first picture is quick."""
        if self.engine.alive:
            return
        try:
            self.engine.start()
            self.engine.warm(catalog.MODELS[catalog.DEFAULT_SLUG].spec())
            self._weights.forget(catalog.DEFAULT_SLUG)
        except (EngineError, OSError) as error:
            # Not the end: each job meets the same trouble, is tried again and fails with a reason.
            logger.error("engine cannot be warmed", extra={"error": str(error)})  # noqa: TRY400

    def in_flight(self) -> dict[uuid.UUID, Run]:
        """Runs that are being drawn or stored."""
        return {pk: run for pk, run in list(self._in_flight.items()) if not run.is_over}

    def _drain(self) -> int:
        self.warm()
        until = time.monotonic() + _DRAIN_SECONDS
        taken = 0
        rings: list[int] = []
        while True:
            # Whoever comes to an idle worker in a burst shares a pass; behind a pass, company has come meanwhile.
            delay = 0 if taken else settings.BATCH_QUEUE_DELAY_MS
            batch, self._ahead = self._ahead or self._claim(delay), None
            if batch is not None:
                # Of a drain's first batch nobody knows whether anything waits behind it, and asking would cost.
                self._claims_ahead = taken > 0 and time.monotonic() < until and batch.is_new
                taken += len(batch.runs)
                rings = []
                self._run(batch)
                if time.monotonic() > until and self._ahead is None:
                    doorbell.ring()  # end this task before its time limit does; the next goes on
                    return taken
            elif self.storekeeper.backlog:
                # A run that ends now makes room for the next of a person whose places were all taken.
                self.storekeeper.wait()
            elif taken > 1 and not rings and (rings := doorbell.unanswered()):
                continue  # a burst leaves its rings behind: whoever looks once more has answered them
            else:
                doorbell.answer(rings)
                return taken

    def _claim(self, delay_ms: int = 0) -> "_Batch | None":
        claim = lifecycle.claim(self.name, delay_seconds=delay_ms / 1000)
        if claim is None:
            return None
        batch = _Batch(claim)
        self._in_flight = {**self.in_flight(), **batch.runs}
        return batch

    def _claim_ahead(self) -> None:
        """Claim the batch after this one, and make its request ready: the engine would wait for both."""
        self._claims_ahead = False
        if self._has_too_much_to_store:
            return
        try:
            self._ahead, self._ahead_since = self._claim(), time.monotonic()
            if self._ahead is not None:
                self._ahead.request  # noqa: B018 - made here, kept by the batch
        except DatabaseError:
            connection.close()  # what is being drawn goes on; the next claim asks again
        except Exception:
            # What is wrong with the next batch is met again when its turn comes, by the ladder.
            logger.info("batch cannot be made ready ahead", exc_info=True)

    def _let_go_of_what_is_ahead(self) -> None:
        """Put what was claimed ahead back, where it would wait for too long or the drain ends with an error."""
        batch, self._ahead = self._ahead, None
        for run in batch.runs.values() if batch else ():
            run.is_over = True
            storing.remove_scratch(run)
            try:
                lifecycle.put_back(run.job, run.attempt)
                doorbell.ring()  # for others: this worker is busy
            except JobEnded:
                pass
            except DatabaseError:
                connection.close()  # nobody renews its lease any more: the reaper brings it back

    @property
    def _has_too_much_to_store(self) -> bool:
        return self.storekeeper.backlog > _BACKLOG_BATCHES * settings.BATCH_SIZE_MAX

    def _run(self, batch: "_Batch") -> None:
        try:
            self._draw(batch)
        except JobsCanceled:
            pass
        except tuple(_ENDS) as error:
            self._end_badly(batch, Trouble(_ENDS[type(error)], is_retryable=False, detail=str(error)))
        except (EngineCrashed, EngineFailed, OSError) as error:
            self._end_badly(batch, trouble_of(error, jobs=batch.names()))
        except Exception as error:
            logger.exception("worker failed", extra={"jobs": batch.names()})
            self._end_badly(batch, unknown(error))
        finally:
            batch.drop_canceled()
            batch.tidy_up()
        # Let the thread that stores catch up before more is drawn.
        while self._has_too_much_to_store:
            time.sleep(0.005)

    def _draw(self, batch: "_Batch") -> None:
        if not any(run.missing for run in batch.runs.values()):
            # Each had all its pictures stored by an earlier attempt.
            for run in batch.runs.values():
                storing.keep(run)
            return
        # Pictures and LoRAs are read here; what is made ready ahead of its turn waits for no bucket.
        request = storing.outlast_store(lambda: batch.request)
        environment = cache(lambda: self._environment(batch))
        for run in batch.runs.values():
            run.environment = environment
        self.engine.run(
            request,
            on_event=lambda event: self._hear(batch, event),
            is_canceled=lambda: self._canceled(batch),
            deadline_seconds=settings.JOB_DEADLINE_SECONDS,
        )
        batch.drop_canceled()
        if batch.is_owed_pictures:
            raise EngineFailed("internal", "the engine said that it was done, and pictures are missing", retryable=True)

    def _canceled(self, batch: "_Batch") -> set[str]:
        if self._ahead and time.monotonic() - self._ahead_since > _AHEAD_SECONDS:
            self._let_go_of_what_is_ahead()
        return batch.canceled()

    def _hear(self, batch: "_Batch", event: protocol.Event) -> None:
        if isinstance(event, protocol.Loaded):
            self._weights.forget(event.slug)
        batch.hear(event, self.storekeeper)
        if self._claims_ahead and batch.is_all_but_decoded(event):
            self._claim_ahead()

    def _environment(self, batch: "_Batch") -> str:
        """Write down with what a batch is drawn; asked by whoever stores its first picture. Raises: OSError."""
        ready = self.engine.ready
        if ready is None:
            return ""  # the engine died with its last picture written; nobody can say more of it
        model, tools = batch.models()
        return environments.keep(environments.facts_of(ready, model, tools, self._weights))

    def _end_badly(self, batch: "_Batch", trouble: Trouble) -> None:
        """Keep what was stored, then try the unfinished runs again or end them."""
        self.storekeeper.wait()
        reason = trouble.words(OF_PICTURES)
        verb = lifecycle.retry if trouble.is_retryable else lifecycle.fail
        unfinished = [run for run in batch.runs.values() if not run.is_over]
        for run in unfinished:
            try:
                if run.stored:
                    storing.keep(run)
            except Exception:
                logger.exception("pictures could not be kept", extra={"job": run.job.pk})
            # All of them before the first write: should that fail, nobody renews a lease for what nobody does.
            run.is_over = True
        for run in unfinished:
            try:
                storing.outlast(partial(verb, run.job, run.attempt, code=trouble.code, message=reason))
                storing.outlast(partial(FailedAttempt.objects.keep, run.job, trouble.code, trouble.detail))
            except JobEnded:
                pass
            storing.forget(run)


class _Batch:
    """The claimed runs that go through the engine together."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.id = uuid.uuid4().hex
        self.runs: dict[uuid.UUID, Run] = {}
        self.reporters: dict[uuid.UUID, progress.Reporter] = {}
        for job in claim.jobs:
            done = set(job.images.values_list("index", flat=True)) if job.images_stored else set()
            scratch = Path(settings.SCRATCH_DIR) / job.pk.hex / str(job.attempt)
            missing = set(range(job.num_images)) - done
            self.runs[job.pk] = Run(job, job.attempt, scratch, missing)
            self.reporters[job.pk] = progress.Reporter(job.pk, images=len(missing))
        # What the engine has not drawn yet, by its key.
        self._undrawn = {f"{pk}:{index}" for pk, run in self.runs.items() for index in run.missing}

    @property
    def is_new(self) -> bool:
        """Whether none of its runs was tried before: what kills its worker must not take others along each time."""
        return all(run.attempt == 1 for run in self.runs.values())

    def names(self) -> list[str]:
        """The runs' ids, for the log."""
        return sorted(str(pk) for pk in self.runs)

    def models(self) -> tuple[CatalogModel, list[CatalogModel]]:
        """The model that draws and the tools beside it. Raises: ModelUnknown."""
        job = self.claim.jobs[0]
        model = catalog.find(job.served_by).model
        return model, catalog.tools_for(job.drawn_task, model, job.params.get("control", ""))

    @cached_property
    def request(self) -> protocol.BatchRequest:
        """What the engine is asked for: every missing picture of every run."""
        job = self.claim.jobs[0]
        model, tools = self.models()
        checker = image_check.engines_tool()
        return protocol.BatchRequest(
            id=self.id,
            task=job.drawn_task,
            model=model.spec(),
            width=job.params["width"],
            height=job.params["height"],
            num_inference_steps=job.params["num_inference_steps"],
            guidance_scale=job.params["guidance_scale"],
            scheduler=job.params["scheduler"],
            images=tuple(self._image_requests()),
            options=params.options_of(job.drawn_task, job.params),
            tools=tuple(tool.spec() for tool in (*tools, *([checker] if checker else []))),
            loras=lora_files.lay_out(job),
            max_batch=model.batch_size(job.params["width"], job.params["height"]),
            # What nobody has looked at is shown to nobody.
            preview=not image_check.is_on(),
        )

    def _image_requests(self) -> list[protocol.ImageRequest]:
        requests = []
        for run in self.runs.values():
            run.scratch.mkdir(parents=True, exist_ok=True)
            inputs = input_files.write(run.job, run.scratch) if run.missing else ()
            for index in sorted(run.missing):
                prompt, negative_prompt = run.job.words_of(index)
                requests.append(
                    protocol.ImageRequest(
                        key=f"{run.job.pk}:{index}",
                        prompt=prompt,
                        negative_prompt=negative_prompt,
                        seed=storing.seed_of(run.job, index),
                        path=str(run.scratch / f"{index}.npy"),
                        inputs=inputs,
                        company=run.job.company,
                    )
                )
        return requests

    def hear(self, event: protocol.Event, storekeeper: Storekeeper) -> None:
        """Pass on what the engine says."""
        if isinstance(event, protocol.ImageDone):
            run, index = self._place(event.key)
            self.reporters[run.job.pk].image_done()
            self._undrawn.discard(event.key)
            if not run.is_over:
                storekeeper.put(run, index, Path(event.path), event.scores, event.company)
        elif isinstance(event, protocol.Step):
            for pk, count in Counter(self._place(key)[0].job.pk for key in event.keys).items():
                self.reporters[pk].step(event.step, event.of, count)
        elif isinstance(event, protocol.Preview):
            run, index = self._place(event.key)
            self.reporters[run.job.pk].preview(index, event.data)

    def is_all_but_decoded(self, event: protocol.Event) -> bool:
        """Whether the last step of the last pass is done, and what is left takes a moment."""
        if not isinstance(event, protocol.Step) or self.claim.jobs[0].drawn_task in ONE_BY_ONE:
            return False
        return event.step == event.of and self._undrawn <= set(event.keys)

    def canceled(self) -> set[str]:
        """Jobs of this batch that the claim no longer owns; the engine need not go on with them."""
        over = {pk for pk, run in self.runs.items() if run.is_over}
        return {str(pk) for pk in over | self._taken_away() if self.runs[pk].missing}

    @property
    def is_owed_pictures(self) -> bool:
        """Whether the engine has not drawn all that is wanted."""
        return any(not self._place(key)[0].is_over for key in self._undrawn)

    def drop_canceled(self) -> None:
        """Forget runs that were ended by somebody else, with what was drawn for them.

        Where everything was drawn there is nobody to ask for: whoever stores it finds that the run has ended.
        """
        for pk in self._taken_away() if self._undrawn else ():
            if self.runs[pk].missing:
                storing.forget(self.runs[pk])

    def tidy_up(self) -> None:
        """Remove what the engine still wrote for runs that were over by then."""
        for run in self.runs.values():
            if run.is_over:
                storing.remove_scratch(run)

    def _taken_away(self) -> set[uuid.UUID]:
        open_runs = [pk for pk, run in self.runs.items() if not run.is_over]
        try:
            return lifecycle.ended(self.claim, open_runs) if open_runs else set()
        except OperationalError:
            connection.close()  # away for a moment; the answer can wait, what is being drawn need not
            return set()

    def _place(self, key: str) -> tuple[Run, int]:
        job_id, _, index = key.rpartition(":")
        return self.runs[uuid.UUID(job_id)], int(index)


_worker: Worker | None = None


def of_this_process() -> Worker:
    """Return this process's worker, made at the first ring and kept warm."""
    global _worker
    if _worker is None:
        _worker = Worker(f"{settings.WORKER_NAME}:{os.getpid()}")
    return _worker
