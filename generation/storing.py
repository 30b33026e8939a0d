"""Stores what the engine has drawn, in a thread of its own, while the engine draws the next.

Pictures arrive as raw arrays in the scratch folder; here they become files and rows. The last picture
of a run ends it and charges it.
"""

import logging
import queue
import shutil
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from django.db import OperationalError, close_old_connections, connection

from accounts.ids import uuid7
from generation import lifecycle, progress, storage
from generation.errors import JobEnded
from generation.models import Image, Job
from generation.params import SEED_MAX

logger = logging.getLogger(__name__)

_DATABASE_PATIENCE_SECONDS = 30.0


@dataclass
class Run:
    """One claimed job on its way: what is still to come, what was stored but not yet kept."""

    job: Job
    attempt: int
    scratch: Path
    missing: set[int]
    stored: list[Image] = field(default_factory=list)
    is_over: bool = False

    @property
    def is_complete(self) -> bool:
        """Nothing more will arrive."""
        return not self.missing


class Storekeeper:
    """Takes pictures off the worker's hands; `wait` returns when all it was given has been dealt with."""

    def __init__(self) -> None:
        self._arrivals: queue.Queue[tuple[Run, int, Path]] = queue.Queue()
        self._thread: threading.Thread | None = None

    def put(self, run: Run, index: int, raw: Path) -> None:
        """Hand over the picture at `index` of a run."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="storekeeper", daemon=True)
            self._thread.start()
        self._arrivals.put((run, index, raw))

    @property
    def backlog(self) -> int:
        """Pictures handed over and not stored yet."""
        return self._arrivals.unfinished_tasks

    def wait(self) -> None:
        """Block until everything handed over has been dealt with."""
        self._arrivals.join()

    def _work(self) -> None:
        while True:
            run, index, raw = self._arrivals.get()
            close_old_connections()
            try:
                self._store(run, index, raw)
            except Exception:
                logger.exception("picture could not be stored", extra={"job": run.job.pk, "index": index})
                _give_back(run)
            finally:
                self._arrivals.task_done()

    def _store(self, run: Run, index: int, raw: Path) -> None:
        if run.is_over:
            return
        image_id = uuid7()
        files = storage.save(image_id, raw)
        run.stored.append(_row(run, index, image_id, files))
        run.missing.discard(index)
        # More pictures of the same run may be here already; they are kept together.
        if run.is_complete or self._arrivals.empty():
            _keep(run)


def _row(run: Run, index: int, image_id: uuid.UUID, files: storage.StoredFiles) -> Image:
    return Image(
        id=image_id,
        user_id=run.job.user_id,
        job=run.job,
        index=index,
        seed=seed_of(run.job, index),
        width=files.width,
        height=files.height,
        file=files.file,
        thumbnail_320=files.thumbnail_320,
        thumbnail_640=files.thumbnail_640,
        placeholder=files.placeholder,
        content_type=files.content_type,
        size_bytes=files.size_bytes,
        sha256=files.sha256,
    )


def seed_of(job: Job, index: int) -> int:
    """Return the seed of the picture at `index`: the run's first seed, counted up."""
    return (int(job.params["seed"]) + index) % (SEED_MAX + 1)


def _keep(run: Run) -> None:
    """Write what was stored to the database; the run ends with its last picture."""
    images, run.stored = run.stored, []
    verb = lifecycle.finish if run.is_complete else lifecycle.deliver
    deadline = time.monotonic() + _DATABASE_PATIENCE_SECONDS
    while True:
        try:
            verb(run.job, run.attempt, images)
            break
        except JobEnded:
            run.is_over = True
            for image in images:
                storage.delete_files_of(image)
            break
        except OperationalError:
            # The database went away; the verb is one transaction, so nothing of it stands.
            if time.monotonic() > deadline:
                raise
            connection.close()
            time.sleep(0.5)
    if run.is_complete or run.is_over:
        run.is_over = True
        progress.forget(run.job.pk)
        shutil.rmtree(run.scratch, ignore_errors=True)


def _give_back(run: Run) -> None:
    """After a failure to store: the run is tried again, and fails after its last attempt."""
    run.is_over = True
    try:
        lifecycle.retry(
            run.job,
            run.attempt,
            code="storage_failed",
            message="The pictures could not be stored: the disk may be full. Your credits are back.",
        )
    except JobEnded:
        pass
    except OperationalError:
        connection.close()  # the lease runs out, and the reaper brings the job back
    shutil.rmtree(run.scratch, ignore_errors=True)
