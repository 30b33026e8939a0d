"""How far a run is, for those who watch: steps and small previews, in the shared cache.

Nothing here matters to the run: a lost entry costs a moment's picture, never a result.
"""

import contextlib
import math
import time
import uuid
from dataclasses import dataclass, field

from django.core.cache import cache
from redis import RedisError

PREVIEW_MAX_BYTES = 8 * 1024
_LIFETIME_SECONDS = 120
# A training's pictures may take minutes each, on a slow machine.
_PREPARED_LIFETIME_SECONDS = 3600
# Pages ask once a second; what shares a pass writes an entry a run.
_WRITE_EVERY_SECONDS = 0.5
# What a cache says that is full or away.
_CACHE_TROUBLE = (OSError, RedisError)


@dataclass
class Progress:
    """Steps done over all passes of the run, and the latest preview of each picture (base64 WebP)."""

    step: int = 0
    of: int = 0
    previews: dict[int, str] = field(default_factory=dict)


def read(job_id: uuid.UUID) -> Progress | None:
    """Return how far the run is, or None when nothing was reported lately."""
    with contextlib.suppress(*_CACHE_TROUBLE):
        found: Progress | None = cache.get(_key(job_id))
        return found
    return None


def forget(job_id: uuid.UUID) -> None:
    """Drop what was reported: the run has ended."""
    with contextlib.suppress(*_CACHE_TROUBLE):
        cache.delete(_key(job_id))


def prepared(job_id: uuid.UUID, done: int, of: int) -> None:
    """Note how many pictures are drawn of those that a training needs before its first step."""
    with contextlib.suppress(*_CACHE_TROUBLE):
        cache.set(_key(job_id), Progress(done, of), _PREPARED_LIFETIME_SECONDS)


class Reporter:
    """Collects one run's progress and writes it with a step, at most twice a second.

    A run of more pictures than fit one pass takes several; its steps are counted over all of them.
    """

    def __init__(self, job_id: uuid.UUID, images: int) -> None:
        self.job_id = job_id
        self.progress = Progress()
        self._images = images
        self._images_done = 0
        self._written_at = 0.0

    def step(self, step: int, of: int, images: int) -> None:
        """Note that `step` of `of` steps are done in a pass that draws `images` of the run's pictures."""
        if not self.progress.of:
            self.progress.of = of * math.ceil(self._images / images)
        share = (self._images_done + images * step / of) / self._images
        self.progress.step = min(self.progress.of, round(share * self.progress.of))
        if time.monotonic() - self._written_at >= _WRITE_EVERY_SECONDS:
            self._write()

    def image_done(self) -> None:
        """Note that a picture has been drawn."""
        self._images_done += 1

    def preview(self, index: int, data: str) -> None:
        """Note how the picture at `index` looks now; it is written with a step that follows."""
        if len(data) <= PREVIEW_MAX_BYTES * 4 // 3 + 4:
            self.progress.previews[index] = data

    def _write(self) -> None:
        self._written_at = time.monotonic()
        with contextlib.suppress(*_CACHE_TROUBLE):
            cache.set(_key(self.job_id), self.progress, _LIFETIME_SECONDS)


def _key(job_id: uuid.UUID) -> str:
    return f"progress:{job_id.hex}"
