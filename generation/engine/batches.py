"""Run one request: load its model, draw its pictures in passes that fit, drop what is canceled, write the files."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from generation.engine.backend import Backend, Pass, Pixels
from generation.engine.options import ONE_BY_ONE
from generation.engine.protocol import (
    ALONE,
    BatchRequest,
    Event,
    ImageDone,
    ImageRequest,
    ModelSpec,
    Preview,
    Step,
    job_of,
)
from generation.engine.scratch import read_input, write_picture
from generation.inference.errors import OutOfMemory, PassCanceled

Emit = Callable[[Event], None]
# What the last part of a key begins with where the picture only stands in for another.
_FILLER = "filler-"
# Inputs that are marks, no pictures.
_NOT_SEEN = frozenset({"mask", "strokes"})


class Cancellations:
    """Which jobs of which request were canceled: told by the reading thread, asked by the drawing one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, frozenset[str]] = {}

    def open(self, request_id: str) -> None:
        """Begin to listen for a request; a cancel that comes after its end is nobody's."""
        with self._lock:
            self._jobs[request_id] = frozenset()

    def add(self, request_id: str, jobs: Iterable[str]) -> None:
        """Take a cancel."""
        with self._lock:
            if request_id in self._jobs:
                self._jobs[request_id] |= frozenset(jobs)

    def close(self, request_id: str) -> None:
        """Forget a request that is over."""
        with self._lock:
            self._jobs.pop(request_id, None)

    def has_any(self, request_id: str) -> bool:
        """Whether a request of one job was canceled."""
        return bool(self._jobs.get(request_id))

    def covers(self, request_id: str, image: ImageRequest) -> bool:
        """Whether this picture's job was canceled."""
        return job_of(image.key) in self._jobs.get(request_id, ())


class BatchRunner:
    """Runs requests one after the other and remembers how many pictures of a size fit at once."""

    def __init__(self, backend: Backend, cancellations: Cancellations, emit: Emit) -> None:
        self._backend = backend
        self._cancellations = cancellations
        self._emit = emit
        self._fitting: dict[tuple[ModelSpec, int, int], int] = {}
        # The pass for which other models left last.
        self._had_room: Pass | None = None

    @property
    def loads(self) -> tuple[int, int]:
        """How many models, and how many LoRAs, were read from disk so far."""
        return self._backend.loads

    def warm(self, spec: ModelSpec) -> None:
        """Make a model ready and say so if it was not. Raises: InferenceError."""
        loaded = self._backend.load(spec)
        if loaded is not None:
            self._emit(loaded)

    def run(self, request: BatchRequest) -> None:
        """Load what it needs, then draw and write every picture that is not canceled.

        Raises: PassCanceled when every job of the request was; InferenceError; OSError from writing.
        """
        for spec in (*request.tools, request.model):  # the model last: what it needs room for may push a tool out
            self.warm(spec)
        waiting = deque(request.images)
        while images := self._take(request, waiting):
            waiting.extendleft(reversed(self._draw(Pass(request, images))))
        if all(self._cancellations.covers(request.id, image) for image in request.images):
            raise PassCanceled

    def _take(self, request: BatchRequest, waiting: deque[ImageRequest]) -> list[ImageRequest]:
        """Take the next pictures that somebody still wants, as many as fit at once."""
        limit = min(request.max_batch, self._fitting.get(_size_of(request), request.max_batch))
        images: list[ImageRequest] = []
        while waiting and len(images) < limit:
            image = waiting.popleft()
            if self._cancellations.covers(request.id, image):
                continue
            if image.company != ALONE:
                waiting.extendleft(reversed(images))
                return _in_company(image, limit)
            images.append(image)
        return images

    def _draw(self, work: Pass) -> list[ImageRequest]:
        """Draw one pass; return what has to be drawn again because it did not fit."""
        left = {image.key: image for image in work.images if not _is_filler(image)}
        companies = _companies_of(work)
        try:
            for key, pixels in self._backend.draw(work, _PassWatch(work, self._cancellations, self._emit)):
                image = left.get(key)
                if image is not None and not self._cancellations.covers(work.request.id, image):
                    write_picture(Path(image.path), pixels)
                    scores = self._scores(work.request, image, pixels)
                    self._emit(ImageDone(key, image.path, scores, companies[key]))
                    del left[key]  # no sooner: looking at it needs memory too
            return []
        except PassCanceled:
            return []
        except OutOfMemory:
            pass
        # Outside of the handler: the error's traceback holds the tensors that have to go.
        self._shrink(work)
        # Where there is no room for its company any more, a picture is drawn alone.
        return [replace(image, company=ALONE) for image in left.values()]

    def _scores(self, request: BatchRequest, image: ImageRequest, pixels: Pixels) -> dict[str, float]:
        """Return what the request's safety checker sees in a picture, or in those that it began from."""
        checker = request.tool("safety-checker")
        if checker is None:
            return {}
        begun_from = [read_input(Path(each.path)) for each in image.inputs if each.role not in _NOT_SEEN]
        seen = [self._backend.look(checker, each) for each in (pixels, *begun_from)]
        return {name: max(scores.get(name, 0.0) for scores in seen) for name in seen[0]}

    def _shrink(self, work: Pass) -> None:
        """Make a smaller try possible. Raises: OutOfMemory when one picture alone does not fit."""
        others_left = self._backend.make_room(work.request.model)
        # Its tools come back with every try, and leave again: for that a pass is tried anew once.
        if others_left and self._had_room != work:
            self._had_room = work
            return
        if len(work.images) == 1:
            size = f"{work.request.width} × {work.request.height}"
            raise OutOfMemory(f"one picture of {size} with {work.request.model.slug} needs more memory than there is")
        self._fitting[_size_of(work.request)] = len(work.images) // 2


class _PassWatch:
    """Reports a pass's progress and stops it once nobody wants it."""

    def __init__(self, work: Pass, cancellations: Cancellations, emit: Emit) -> None:
        self._work = work
        self._cancellations = cancellations
        self._emit = emit

    def step(self, step: int, of: int) -> None:
        keys = tuple(image.key for image in self._work.images if self._wants(image))
        if not keys:
            raise PassCanceled
        self._emit(Step(self._work.request.id, keys, step, of))

    def preview(self, key: str, webp: bytes) -> None:
        if any(image.key == key and self._wants(image) for image in self._work.images):
            self._emit(Preview.of_webp(key, webp))

    def _wants(self, image: ImageRequest) -> bool:
        return not _is_filler(image) and not self._cancellations.covers(self._work.request.id, image)


def _in_company(image: ImageRequest, limit: int) -> list[ImageRequest]:
    """Return a pass like the one that a picture was drawn in once: rounding goes by its size, and by the place in it.

    What the others show changes nothing, so that they are the picture itself. A pass that would not fit is of it alone.
    """
    place, size = image.company
    if size > limit:
        return [image]
    return [image if at == place else replace(image, key=f"{image.key}:{_FILLER}{at}") for at in range(size)]


def _companies_of(work: Pass) -> dict[str, tuple[int, int]]:
    """Return each picture's place in the pass and the pass's size, as far as they can matter."""
    if work.request.task in ONE_BY_ONE:
        return dict.fromkeys(work.keys, ALONE)
    return {key: (place, len(work.keys)) for place, key in enumerate(work.keys)}


def _is_filler(image: ImageRequest) -> bool:
    return image.key.rpartition(":")[2].startswith(_FILLER)


def _size_of(request: BatchRequest) -> tuple[ModelSpec, int, int]:
    return request.model, request.width, request.height
