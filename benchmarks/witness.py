"""What the database and the disk say became of runs: seen from outside, over a connection of its own.

SQL by hand, not the product's models: a benchmark must not take the word of what it measures.
"""

import hashlib
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place, Site

_LOOK_SECONDS = 0.02
# While many are still to come: looking costs the machine that is measured, and the bare side is not looked at.
_FAR_FROM_DONE, _FAR_LOOK_SECONDS = 8, 0.25
# No run of a benchmark takes as long; whoever waits this long waits for nothing.
_PATIENCE_SECONDS = 900.0

_ENDED = "SELECT id, status = 'FINISHED' FROM generation_job WHERE id = ANY(%s) AND finished_at IS NOT NULL"
_TROUBLE = "SELECT status, error_code, error_message FROM generation_job WHERE id = ANY(%s) AND error_code <> ''"
_RINGS = "SELECT count(*) FROM django_q_ormq"
_PROOF = """
    SELECT job.id, job.attempt, job.status, job.num_images, hold.settled, hold.credits, image.file, image.sha256,
        image.thumbnail_320, image.thumbnail_640, (job.params ->> 'seed')::bigint, job.started_at, job.finished_at
    FROM generation_job job JOIN billing_credithold hold ON hold.id = job.hold_id
    LEFT JOIN generation_image image ON image.job_id = job.id WHERE job.id = ANY(%s)
"""


@dataclass(frozen=True)
class Finished:
    """A run that was proved to be done: paid, its picture and both thumbnails on disk."""

    job_id: uuid.UUID
    seed: int
    picture: Path
    started_at: datetime
    finished_at: datetime


def pause(missing: int, look_seconds: float) -> float:
    """Return how long to wait before the next look at runs of which so many are still to come."""
    return look_seconds if missing <= _FAR_FROM_DONE else max(look_seconds, _FAR_LOOK_SECONDS)


class Witness:
    """Watches the database of a site."""

    def __init__(self, place: Place, site: Site) -> None:
        self.connection = psycopg.connect(place.database_url, autocommit=True)
        self._media = place.data_dir / "media"
        self._site = site

    def close(self) -> None:
        """Stop watching."""
        self.connection.close()

    def wait(
        self,
        job_ids: Sequence[uuid.UUID],
        look_seconds: float = _LOOK_SECONDS,
        *,
        on_done: Callable[[uuid.UUID], None] = lambda _: None,
    ) -> None:
        """Return when every run is FINISHED, at most one look (`look_seconds`) late. Raises: BenchmarkFailed.

        `on_done` is called with each, once.
        """
        end = time.monotonic() + _PATIENCE_SECONDS
        missing = dict.fromkeys(job_ids)
        while True:
            ended: dict[uuid.UUID, bool] = dict(self.connection.execute(_ENDED, [list(missing)]).fetchall())
            if not all(ended.values()):
                trouble = self.connection.execute(_TROUBLE, [list(job_ids)]).fetchall()
                raise BenchmarkFailed(f"{list(ended.values()).count(False)} runs ended badly: {trouble[:3]}")
            for job_id in ended:
                on_done(job_id)
                del missing[job_id]
            if not missing:
                return
            if time.monotonic() > end:
                done = len(job_ids) - len(missing)
                raise BenchmarkFailed(f"{done} of {len(job_ids)} runs were done after {_PATIENCE_SECONDS:g} s")
            self._site.check()
            time.sleep(pause(len(missing), look_seconds))

    def wait_for_quiet(self) -> None:
        """Return when the queue is empty: what rings a finished turn left must not fall into the next one's time.

        Raises: BenchmarkFailed.
        """
        end = time.monotonic() + _PATIENCE_SECONDS
        while (rings := self.connection.execute(_RINGS).fetchone()) != (0,):
            if time.monotonic() > end:
                raise BenchmarkFailed(f"the queue still holds {rings} rings after {_PATIENCE_SECONDS:g} s")
            self._site.check()
            time.sleep(_LOOK_SECONDS)

    def prove(self, job_ids: Sequence[uuid.UUID]) -> list[Finished]:
        """Return what the runs left, in the order of the ids, once all of it was found right.

        Raises: BenchmarkFailed.
        """
        rows = self.connection.execute(_PROOF, [list(job_ids)]).fetchall()
        if len(rows) != len(job_ids):
            raise BenchmarkFailed(f"{len(job_ids)} runs have {len(rows)} pictures")
        found = {row[0]: self._check(row) for row in rows}
        return [found[job_id] for job_id in job_ids]

    def _check(self, row: tuple[object, ...]) -> Finished:
        job_id, attempt, status, num_images, settled, credits, file, sha256, *rest = row
        *thumbnails, seed, started_at, finished_at = rest
        if (attempt, status, num_images) != (1, "FINISHED", 1):
            raise BenchmarkFailed(f"run {job_id} is {status} with {num_images} pictures in attempt {attempt}")
        if settled != credits:
            raise BenchmarkFailed(f"run {job_id} was charged {settled} of {credits} credits")
        picture = self._media / str(file)
        if not picture.is_file() or hashlib.sha256(picture.read_bytes()).hexdigest() != sha256:
            raise BenchmarkFailed(f"the picture of run {job_id} is not what its row says: {file}")
        for name in thumbnails:
            if not (self._media / str(name)).is_file():
                raise BenchmarkFailed(f"run {job_id} has no thumbnail {name}")
        assert isinstance(job_id, uuid.UUID)
        assert isinstance(seed, int)
        assert isinstance(started_at, datetime)
        assert isinstance(finished_at, datetime)
        return Finished(job_id, seed, picture, started_at, finished_at)
