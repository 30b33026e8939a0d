"""Stores what the engine has drawn, in a thread of its own, while the engine draws the next.

Pictures arrive as raw arrays in the scratch folder; here they become files and rows. The last picture
of a run ends it and charges it.
"""

import contextlib
import logging
import math
import queue
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from django.db import DatabaseError, InternalError, OperationalError, close_old_connections, connection
from django.utils.translation import gettext_noop
from psycopg.errors import IdleInTransactionSessionTimeout

from accounts.ids import uuid7
from generation import (
    clip_files,
    doorbell,
    image_check,
    licences,
    lifecycle,
    moderation,
    moderation_queue,
    picture_leftovers,
    picture_words,
    progress,
    provenance,
    reproductions,
    signed_files,
    storage,
)
from generation.errors import JobEnded
from generation.licences import Terms
from generation.models import Clip, FailedAttempt, Image, Job
from generation.signed_files import Seal
from generation.task_names import REPRODUCTION, VIDEO_TASK

T = TypeVar("T")
Company = tuple[int, int]

logger = logging.getLogger(__name__)

NOT_STORED = gettext_noop("The pictures could not be stored. Your credits are back; please try again later.")
HELD_BACK = (
    "%(count)s picture was held back by the content policy (%(seen)s) and not charged. "
    "You can appeal under Settings, Refusals.",
    "%(count)s pictures were held back by the content policy (%(seen)s) and not charged. "
    "You can appeal under Settings, Refusals.",
)
_DATABASE_PATIENCE_SECONDS = 30.0
_DATABASE_PAUSE_SECONDS = 0.5
# What was drawn costs a GPU's time to draw again, and counts as an attempt: waiting is cheaper.
_STORE_PATIENCE_SECONDS = 300.0
_STORE_PAUSE_SECONDS = 1.0


@dataclass
class Run:
    """One claimed job on its way: what is still to come, what was stored but not yet kept."""

    job: Job
    attempt: int
    scratch: Path
    missing: set[int]
    stored: list[Image] = field(default_factory=list)
    is_over: bool = False
    # What was seen in pictures that are held back, by their place.
    held_back: dict[int, str] = field(default_factory=dict)
    # Gives the digest of what it is drawn with, once it is being drawn; empty where nobody knows.
    environment: Callable[[], str] = str
    # Whoever stores a picture and whoever finds that the run is over are two threads.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_complete(self) -> bool:
        """Nothing more will arrive."""
        return not self.missing

    def add(self, image: Image) -> bool:
        """Take in a picture whose files are there; returns False where the run is over, and nobody would keep it."""
        with self._lock:
            if not self.is_over:
                self.stored.append(image)
            return not self.is_over

    def take(self, *, is_over: bool = False) -> list[Image]:
        """Return what was stored and not kept yet: the caller's from now on. `is_over`: nothing more is added."""
        with self._lock:
            self.is_over = self.is_over or is_over
            images, self.stored = self.stored, []
            return images


class Storekeeper:
    """Takes pictures off the worker's hands; `wait` returns when all it was given has been dealt with."""

    def __init__(self) -> None:
        self._arrivals: queue.Queue[tuple[Run, int, Path, Mapping[str, float], Company | None]] = queue.Queue()
        self._thread: threading.Thread | None = None

    def put(
        self,
        run: Run,
        index: int,
        raw: Path,
        scores: Mapping[str, float] | None = None,
        company: Company | None = None,
    ) -> None:
        """Hand over the picture at `index` of a run, with what the engine's safety checker says of it.

        `company`: its place in the pass that drew it, and how many that drew.
        """
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="storekeeper", daemon=True)
            self._thread.start()
        self._arrivals.put((run, index, raw, scores or {}, company))

    @property
    def backlog(self) -> int:
        """Pictures handed over and not stored yet."""
        return self._arrivals.unfinished_tasks

    def wait(self) -> None:
        """Block until everything handed over has been dealt with."""
        self._arrivals.join()

    def _work(self) -> None:
        while True:
            run, index, raw, scores, company = self._arrivals.get()
            try:
                self._deal_with(run, index, raw, scores, company)
            except Exception:
                # Whatever it is: pictures wait behind this one. The run comes back when its lease is over.
                logger.exception("run could not be given back", extra={"job": run.job.pk, "index": index})
            finally:
                self._arrivals.task_done()

    def _deal_with(self, run: Run, index: int, raw: Path, scores: Mapping[str, float], company: Company | None) -> None:
        try:
            close_old_connections()
            if not run.is_over:
                self._store(run, index, raw, scores, company)
        except Exception:
            logger.exception("picture could not be stored", extra={"job": run.job.pk, "index": index})
            _give_back(run)

    def _store(
        self,
        run: Run,
        index: int,
        raw: Path,
        scores: Mapping[str, float] | None = None,
        company: Company | None = None,
    ) -> None:
        if run.job.task == REPRODUCTION:
            _compare(run, raw)
            return
        image_id = uuid7()
        # Asked for each picture: a plan that begins or ends within a run counts from the next picture on. And before
        # the files are there: nobody would remove them if the database stayed away now.
        terms = outlast(partial(licences.terms_for, run.job))
        environment = outlast(run.environment)
        texts = provenance.texts(image_id, terms, run.job.params.get("loras", ()))
        seal = outlast_store(partial(outlast, partial(signed_files.seal_of, run.job, image_id, terms.model_name)))
        picture_leftovers.note(run.scratch, image_id)
        files = outlast_store(partial(storage.save, image_id, raw, texts, seal))
        image = _row(run, index, image_id, files, terms)
        image.environment_id = environment or None
        image.pass_place, image.pass_size = company or (None, None)
        if run.job.task == VIDEO_TASK:
            _attach_clip(run, image, raw, texts, seal)
        try:
            is_kept = self._look_at(run, index, image, raw, scores or {})
        except BaseException:
            _discard([image])
            raise
        if not is_kept:
            _discard([image])  # it was canceled meanwhile
            return
        run.missing.discard(index)
        # More pictures of the same run may be here already; they are kept together.
        if run.is_complete or self._arrivals.empty():
            keep(run)

    def _look_at(self, run: Run, index: int, image: Image, raw: Path, scores: Mapping[str, float]) -> bool:
        """Take a picture in or hold it back, as the content policy says; returns False where its run is over."""
        if run.is_over:
            return False
        sight = image_check.verdict(scores or image_check.look_at(raw))
        if sight is None:
            return run.add(image)
        # Its case names its files: only the database knows whether it stands.
        outlast(partial(moderation_queue.hold_back, image, sight), math.inf)
        run.held_back[index] = moderation.category_name(sight.category)
        return True


def seed_of(job: Job, index: int) -> int:
    """Return the seed of the picture at `index`: the run's first seed, counted up."""
    return picture_words.seed_at(job.params["seed"], index)


def keep(run: Run) -> None:
    """Write what was stored to the database; the run ends with its last picture.

    However long the database is away: the files are there, and only it knows whether they are somebody's.
    """
    images = run.take()
    reason, code = _why_missing(run)
    verb = partial(lifecycle.finish, reason=reason, code=code) if run.is_complete else lifecycle.deliver
    try:
        outlast(partial(verb, run.job, run.attempt, images), math.inf)
    except JobEnded:
        run.is_over = True
        _discard_unkept(images)
    except Exception:
        _discard_unkept(images)
        raise
    if run.is_complete or run.is_over:
        forget(run)


def forget(run: Run) -> None:
    """Forget a run that is over, and what was made for it and not kept."""
    _discard(run.take(is_over=True))
    progress.forget(run.job.pk)
    remove_scratch(run)


def remove_scratch(run: Run) -> None:
    """Remove what was drawn for a run."""
    shutil.rmtree(run.scratch, ignore_errors=True)
    with contextlib.suppress(OSError):
        run.scratch.parent.rmdir()  # another attempt may have a folder there


def outlast(ask: Callable[[], T], seconds: float | None = None) -> T:
    """Write to the database, or read from it; while it is away, try again for half a minute, or for so many seconds.

    `ask` is one verb, and a verb is one transaction: of a try that failed nothing stands.

    Raises: OperationalError when it stays away.
    """
    deadline = time.monotonic() + (_DATABASE_PATIENCE_SECONDS if seconds is None else seconds)
    while True:
        try:
            return ask()
        except (OperationalError, InternalError) as error:
            if not _is_away(error):
                raise
            logger.warning("database is away", extra={"error": repr(error)})
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(_DATABASE_PAUSE_SECONDS)


def outlast_store(ask: Callable[[], T]) -> T:
    """Write to the store of files, read or remove from it; while a bucket does not answer, try again for five minutes.

    `ask` may be done again. Raises: whatever it raises, where that is no bucket that is away, or stays so.
    """
    deadline = time.monotonic() + _STORE_PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except Exception as error:
            if not storage.is_away(error) or time.monotonic() > deadline:
                raise
            logger.warning("store of files is away", extra={"error": repr(error)})
            time.sleep(_STORE_PAUSE_SECONDS)


def _is_away(error: DatabaseError) -> bool:
    """Whether another connection may do better; PostgreSQL has a kind of its own for who stood still for too long."""
    return isinstance(error, OperationalError) or isinstance(error.__cause__, IdleInTransactionSessionTimeout)


def _compare(run: Run, raw: Path) -> None:
    """End a run that was drawn to be compared; nothing of it stays but what was found."""
    environment = outlast(run.environment)
    with contextlib.suppress(JobEnded):
        conclude = partial(reproductions.conclude, run.job, run.attempt, raw, environment)
        outlast_store(partial(outlast, conclude))
    run.missing.clear()
    forget(run)


def _why_missing(run: Run) -> tuple[str, str]:
    """Return what to say of pictures that were held back, and its code; nothing where none were."""
    if not run.held_back:
        return "", ""
    count, seen = len(run.held_back), " and ".join(sorted(set(run.held_back.values())))
    return HELD_BACK[count != 1] % {"count": count, "seen": seen}, "blocked"


def _give_back(run: Run) -> None:
    """After a failure to store: the run is tried again, and fails after its last attempt."""
    run.is_over = True
    try:
        outlast(
            partial(
                lifecycle.retry,
                run.job,
                run.attempt,
                code="storage_failed",
                message=NOT_STORED,
            )
        )
        outlast(partial(FailedAttempt.objects.keep, run.job, "storage_failed"))
        outlast(doorbell.ring)  # the worker may have found nothing waiting a moment ago
    except (JobEnded, OperationalError):
        pass  # where the database stays away the lease runs out, and the reaper brings the job back
    forget(run)


def _discard_unkept(images: Sequence[Image]) -> None:
    """Remove the files of those that have no row: a commit whose answer was lost was done all the same."""
    rows = Image.objects.filter(pk__in=[image.pk for image in images]).values_list("pk", flat=True)
    kept = outlast(lambda: set(rows.all()), math.inf)
    _discard(image for image in images if image.pk not in kept)


def _discard(images: Iterable[Image]) -> None:
    """Remove the files of pictures that have no row."""
    for image in images:
        try:
            outlast_store(partial(storage.delete_files_of, image))
        except Exception:
            # Wherever they lie, whatever it says: nobody waits for this, and the next picture must be stored.
            logger.exception("files could not be removed", extra={"image": image.pk})


def _attach_clip(run: Run, image: Image, raw: Path, texts: Mapping[str, str], seal: Seal) -> None:
    """Write a video's files and put its row, unsaved, beside its picture's."""
    try:
        stored = outlast_store(partial(clip_files.save, image.pk, raw, run.job.params["fps"], texts, seal))
    except BaseException:
        _discard([image])
        raise
    image.clip = Clip(image=image, **asdict(stored))


def _row(run: Run, index: int, image_id: uuid.UUID, files: storage.StoredFiles, terms: Terms) -> Image:
    return Image(
        id=image_id,
        user_id=run.job.user_id,
        job=run.job,
        index=index,
        seed=seed_of(run.job, index),
        words=run.job.words_of(index) if run.job.words else [],
        width=files.width,
        height=files.height,
        file=files.file,
        thumbnail_320=files.thumbnail_320,
        thumbnail_640=files.thumbnail_640,
        placeholder=files.placeholder,
        content_type=files.content_type,
        size_bytes=files.size_bytes,
        sha256=files.sha256,
        pixels_sha256=files.pixels_sha256,
        plan=terms.plan,
        licence=terms.licence,
        model_licence=terms.model_licence.name,
        is_test=terms.is_test,
    )
