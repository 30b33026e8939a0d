"""How far a run is, for those who watch: steps and small previews, in the shared cache.

Nothing here matters to the run: a lost entry costs a moment's picture, never a result.
"""

import time
import uuid
from dataclasses import dataclass, field

from django.core.cache import cache

PREVIEW_MAX_BYTES = 8 * 1024
_LIFETIME_SECONDS = 120
_WRITE_EVERY_SECONDS = 0.25


@dataclass
class Progress:
    """Steps done over all passes of the run, and the latest preview of each picture (base64 WebP)."""

    step: int = 0
    of: int = 0
    previews: dict[int, str] = field(default_factory=dict)


def read(job_id: uuid.UUID) -> Progress | None:
    """Return how far the run is, or None when nothing was reported lately."""
    found: Progress | None = cache.get(_key(job_id))
    return found


class Reporter:
    """Collects one run's progress and writes it at most a few times a second."""

    def __init__(self, job_id: uuid.UUID, of: int) -> None:
        self.job_id = job_id
        self.progress = Progress(of=of)
        self._written_at = 0.0

    def step(self, step: int) -> None:
        """Note that `step` steps are done."""
        self.progress.step = step
        self._write()

    def preview(self, index: int, data: str) -> None:
        """Note how the picture at `index` looks now."""
        if len(data) <= PREVIEW_MAX_BYTES * 4 // 3 + 4:
            self.progress.previews[index] = data
            self._write()

    def _write(self) -> None:
        now = time.monotonic()
        if now - self._written_at >= _WRITE_EVERY_SECONDS:
            self._written_at = now
            cache.set(_key(self.job_id), self.progress, _LIFETIME_SECONDS)


def _key(job_id: uuid.UUID) -> str:
    return f"progress:{job_id.hex}"
