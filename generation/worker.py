"""Takes jobs, has the engine draw them, hands the pictures on: claim → engine → store → finish.

One ring drains the queue: while the engine draws a batch, the storekeeper's thread stores the batch
before it. The exception ladder decides what a failure costs: a job's retry or its end, never the worker.
"""

import logging
import os
import shutil
import threading
import time
import uuid
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, close_old_connections, connection

from generation import catalog, doorbell, lifecycle, progress, storing
from generation.engine import protocol
from generation.engine.client import Engine, EngineOptions
from generation.engine.errors import EngineCrashed, EngineError, EngineFailed, EngineTimeout, JobsCanceled
from generation.errors import JobEnded, ModelUnknown
from generation.lifecycle import Claim
from generation.storing import Run, Storekeeper

logger = logging.getLogger(__name__)

_DRAIN_SECONDS = 600.0
# Batches that may wait to be stored before the next is claimed; more would only fill the disk.
_BACKLOG_BATCHES = 2

_REASONS = {
    "model_missing": "The model's files are not on this server. Your credits are back; choose another model.",
    "model_damaged": "The model's files are damaged. Your credits are back; the operator has been told.",
    "out_of_memory": "The picture is too large for this server's memory. Your credits are back; try a smaller size.",
    "disk_full": "The server's disk is full. Your credits are back; please try again later.",
    "invalid": "The model could not draw with these settings. Your credits are back.",
    "internal": "Something went wrong while drawing. Your credits are back; please try again.",
    "crashed": "The drawing stopped unexpectedly. Your credits are back; please try again.",
    "timeout": "The drawing took too long. Your credits are back; try fewer pictures or steps.",
}


class Worker:
    """One process that draws. Keeps its engine warm between rings."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.storekeeper = Storekeeper()
        self.engine = Engine(
            EngineOptions(
                log_path=Path(settings.DATA_DIR) / "logs" / "engine.log",
                backend=settings.ENGINE_BACKEND,
                device=settings.ENGINE_DEVICE,
                threads=settings.ENGINE_THREADS,
                cache_bytes=settings.ENGINE_CACHE_BYTES,
                noop_seconds=settings.ENGINE_NOOP_SECONDS,
            )
        )
        self._in_flight: dict[uuid.UUID, Run] = {}
        self._heart = _Heart(self)

    def drain(self) -> int:
        """Run what waits until nothing does; returns how many jobs were taken."""
        self._heart.start()
        self.warm()
        until = time.monotonic() + _DRAIN_SECONDS
        taken = 0
        while True:
            claim = lifecycle.claim(self.name)
            if claim is None:
                return taken
            taken += len(claim.jobs)
            self._run(claim)
            if time.monotonic() > until:
                doorbell.ring()  # end this task before its time limit does; the next goes on
                return taken

    def warm(self) -> None:
        """Start the engine with the default model in memory, so that the first picture is quick."""
        if self.engine.alive:
            return
        try:
            self.engine.start()
            self.engine.warm(catalog.MODELS[catalog.DEFAULT_SLUG].spec())
        except EngineError as error:
            # Not the end: each job meets the same trouble, is tried again and fails with a reason.
            logger.error("engine cannot be warmed", extra={"error": str(error)})  # noqa: TRY400

    def in_flight(self) -> dict[uuid.UUID, Run]:
        """Runs that are being drawn or stored."""
        return {pk: run for pk, run in list(self._in_flight.items()) if not run.is_over}

    def _run(self, claim: Claim) -> None:
        batch = _Batch(claim)
        self._in_flight = {**self.in_flight(), **batch.runs}
        try:
            self._draw(batch)
        except JobsCanceled:
            pass
        except ModelUnknown:
            self._end_badly(batch, "model_missing", retryable=False)
        except EngineTimeout:
            self._end_badly(batch, "timeout", retryable=False)
        except EngineCrashed as error:
            logger.warning("engine crashed", extra={"returncode": error.returncode})
            self._end_badly(batch, "crashed", retryable=True)
        except EngineFailed as error:
            logger.warning("engine failed", extra={"code": error.code, "detail": error.message})
            self._end_badly(batch, error.code, retryable=error.retryable)
        except Exception:
            logger.exception("worker failed", extra={"jobs": sorted(str(pk) for pk in batch.runs)})
            self.engine.kill()
            self._end_badly(batch, "internal", retryable=True)
        finally:
            batch.drop_canceled()
        # Let the thread that stores catch up before more is drawn.
        while self.storekeeper.backlog > _BACKLOG_BATCHES * settings.BATCH_SIZE_MAX:
            time.sleep(0.005)

    def _draw(self, batch: "_Batch") -> None:
        request = batch.request()
        if not request.images:
            batch.finish_without_drawing()
            return
        self.engine.run(
            request,
            on_event=lambda event: batch.hear(event, self.storekeeper),
            is_canceled=batch.canceled,
            deadline_seconds=settings.JOB_DEADLINE_SECONDS,
        )

    def _end_badly(self, batch: "_Batch", code: str, *, retryable: bool) -> None:
        """Keep what was stored, then try the unfinished runs again or end them."""
        self.storekeeper.wait()
        reason = _REASONS.get(code, _REASONS["internal"])
        for run in batch.runs.values():
            if run.is_over:
                continue
            run.is_over = True
            try:
                verb = lifecycle.retry if retryable else lifecycle.fail
                verb(run.job, run.attempt, code=code, message=reason)
            except JobEnded:
                pass
            shutil.rmtree(run.scratch, ignore_errors=True)


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

    def request(self) -> protocol.BatchRequest:
        """What the engine is asked for: every missing picture of every run."""
        job = self.claim.jobs[0]
        model = catalog.find(job.served_by).model
        return protocol.BatchRequest(
            id=self.id,
            task=job.task,
            model=model.spec(),
            width=job.params["width"],
            height=job.params["height"],
            num_inference_steps=job.params["num_inference_steps"],
            guidance_scale=job.params["guidance_scale"],
            scheduler=job.params["scheduler"],
            images=tuple(self._image_requests()),
            max_batch=model.batch_size(job.params["width"], job.params["height"]),
            preview=True,
        )

    def _image_requests(self) -> list[protocol.ImageRequest]:
        requests = []
        for run in self.runs.values():
            run.scratch.mkdir(parents=True, exist_ok=True)
            for index in sorted(run.missing):
                requests.append(
                    protocol.ImageRequest(
                        key=f"{run.job.pk}:{index}",
                        prompt=run.job.params["prompt"],
                        negative_prompt=run.job.params["negative_prompt"],
                        seed=storing.seed_of(run.job, index),
                        path=str(run.scratch / f"{index}.npy"),
                    )
                )
        return requests

    def hear(self, event: protocol.Event, storekeeper: Storekeeper) -> None:
        """Pass on what the engine says."""
        if isinstance(event, protocol.ImageDone):
            run, index = self._place(event.key)
            self.reporters[run.job.pk].image_done()
            if not run.is_over:
                storekeeper.put(run, index, Path(event.path))
        elif isinstance(event, protocol.Step):
            for pk, count in Counter(self._place(key)[0].job.pk for key in event.keys).items():
                self.reporters[pk].step(event.step, event.of, count)
        elif isinstance(event, protocol.Preview):
            run, index = self._place(event.key)
            self.reporters[run.job.pk].preview(index, event.data)

    def canceled(self) -> set[str]:
        """Jobs of this batch that the claim no longer owns; the engine need not go on with them."""
        open_runs = [pk for pk, run in self.runs.items() if not run.is_over]
        try:
            gone = lifecycle.ended(self.claim, open_runs) if open_runs else set()
        except OperationalError:
            connection.close()  # the database is away; what was canceled is thrown away at the end all the same
            return set()
        return {str(pk) for pk in gone if self.runs[pk].missing}

    def drop_canceled(self) -> None:
        """Forget runs that were ended by somebody else, with what was drawn for them."""
        try:
            open_runs = [pk for pk, run in self.runs.items() if not run.is_over and run.missing]
            for pk in lifecycle.ended(self.claim, open_runs) if open_runs else ():
                self.runs[pk].is_over = True
                shutil.rmtree(self.runs[pk].scratch, ignore_errors=True)
        except OperationalError:
            connection.close()

    def finish_without_drawing(self) -> None:
        """End runs whose pictures had all been stored by an earlier attempt."""
        for run in self.runs.values():
            run.is_over = True
            lifecycle.finish(run.job, run.attempt, [])

    def _place(self, key: str) -> tuple[Run, int]:
        job_id, _, index = key.rpartition(":")
        return self.runs[uuid.UUID(job_id)], int(index)


class _Heart:
    """Renews the leases of everything in flight, three times within a lease."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Beat from now on; once a process."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)
            self._thread.start()

    def _beat(self) -> None:
        while True:
            time.sleep(settings.JOB_LEASE_SECONDS / 3)
            job_ids = list(self.worker.in_flight())
            if not job_ids:
                continue
            try:
                close_old_connections()
                lifecycle.renew(self.worker.name, job_ids)
            except OperationalError:
                connection.close()  # it is back before the lease is over, or the job is tried again


_worker: Worker | None = None


def of_this_process() -> Worker:
    """Return this process's worker, made at the first ring and kept warm."""
    global _worker
    if _worker is None:
        _worker = Worker(f"{settings.WORKER_NAME}:{os.getpid()}")
    return _worker
