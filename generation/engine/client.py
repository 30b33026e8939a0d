"""The worker's end of the engine: starts the child when it is needed, converses with it, kills it when it must.

What belongs here: requests, deadlines and cancels. What does not: pipes (`child.py`), when to retry, and what an
event means for a job. Nothing is repaired: each call ends with its result or with one of `engine.errors`.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from generation.engine.child import Child
from generation.engine.errors import EngineCrashed, EngineFailed, EngineTimeout, JobsCanceled
from generation.engine.protocol import (
    PROTOCOL_VERSION,
    BatchRequest,
    Cancel,
    Done,
    Event,
    Failed,
    Loaded,
    ModelSpec,
    Ready,
    Run,
    Train,
    Warm,
)
from generation.engine.training import TrainingRequest

logger = logging.getLogger(__name__)

CANCEL_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class EngineOptions:
    """How the child is started. `threads`, `cache_bytes` and `memory_bytes` of 0: the engine chooses.

    `compile`: what of a model is compiled: nothing, its `blocks`, or the `whole` denoiser.
    """

    log_path: Path
    backend: str = "diffusers"
    device: str = "auto"
    threads: int = 0
    cache_bytes: int = 0
    memory_bytes: int = 0
    compile: str = ""
    compiler: str = "inductor"
    noop_seconds: float = 0.0
    # The folder in which pictures and trainings agree on who has a device; none: nobody is asked.
    lease_folder: Path | None = None
    slice_seconds: float = 1.0
    patience_seconds: float = 10.0
    start_seconds: float = 180.0
    # A cancel is heard between two steps; a step of a large model on a CPU can take this long.
    cancel_grace_seconds: float = 10.0

    def arguments(self) -> list[str]:
        """The command line."""
        return [
            *(sys.executable, "-m", "generation.engine.server"),
            *("--backend", self.backend),
            *("--device", self.device),
            *("--threads", str(self.threads)),
            *("--cache-bytes", str(self.cache_bytes)),
            *("--memory-bytes", str(self.memory_bytes)),
            *("--compile", self.compile),
            *("--compiler", self.compiler),
            *("--noop-seconds", str(self.noop_seconds)),
            *("--lease-folder", str(self.lease_folder or "")),
            *("--slice-seconds", str(self.slice_seconds)),
            *("--patience-seconds", str(self.patience_seconds)),
            *("--parent", str(os.getpid())),
        ]


class Engine:
    """One engine process, started when it is first needed and again after it died.

    Use it from one thread, and from one that lives as long as the engine should: the kernel ends the child
    together with the thread that started it.
    """

    def __init__(self, options: EngineOptions) -> None:
        # How the next process is started.
        self.options = options
        self._child: Child | None = None
        self._warm_count = 0
        self.ready: Ready | None = None
        # What the engine has said last of how often it read from disk.
        self.model_loads = 0
        self.lora_loads = 0

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def alive(self) -> bool:
        """Whether the process runs; another thread may ask."""
        child = self._child
        return child is not None and child.alive

    @property
    def pid(self) -> int | None:
        """The process's id while it is held."""
        return self._child.pid if self._child is not None else None

    def start(self) -> Ready:
        """Start the process, unless it runs, and wait until it takes requests.

        Raises: EngineCrashed, also where it takes longer than `start_seconds`: that says nothing about the request.
        """
        if self.alive and self.ready is not None:
            return self.ready
        self.kill()
        child = self._child = Child(self.options.arguments(), self.options.log_path)
        try:
            event = child.receive(time.monotonic() + self.options.start_seconds)
            if event is None:
                raise EngineCrashed(None, f"it was not ready after {self.options.start_seconds:g} seconds")
            if not isinstance(event, Ready) or event.versions.get("protocol") != str(PROTOCOL_VERSION):
                raise EngineCrashed(None, f"it does not speak protocol {PROTOCOL_VERSION}")
        except BaseException:
            self.kill()
            raise
        self.ready = event
        logger.info("engine started", extra={"pid": event.pid, "device": event.device, "versions": event.versions})
        return event

    def warm(self, spec: ModelSpec, deadline_seconds: float = 600.0) -> Loaded | None:
        """Load a model and wait for it; None when it was warm already.

        Raises: EngineFailed, EngineCrashed, EngineTimeout.
        """
        self._warm_count += 1
        command = Warm(f"warm-{self._warm_count}", spec)
        loaded: list[Event] = []
        self._converse(command, loaded.append, _Cancels(command.id, frozenset(), _nobody), deadline_seconds)
        return next((event for event in loaded if isinstance(event, Loaded)), None)

    def run(
        self,
        request: BatchRequest,
        on_event: Callable[[Event], None],
        is_canceled: Callable[[], Collection[str]],
        deadline_seconds: float,
    ) -> None:
        """Draw a request's pictures; `on_event` hears Loaded, Step, Preview and ImageDone as they come.

        `is_canceled` returns the ids of jobs to give up and is asked about twice a second. A job that is
        given up gets no further ImageDone; the others go on. An error out of either call kills the engine,
        because nobody would then read what it still has to say.

        Raises: JobsCanceled when every job of the request was given up; EngineFailed; EngineCrashed;
            EngineTimeout after `deadline_seconds`, which count from here, loading the model included.
        """
        cancels = _Cancels(request.id, request.jobs(), is_canceled, self.options.cancel_grace_seconds)
        self._converse(Run(request), on_event, cancels, deadline_seconds)

    def train(
        self,
        model: ModelSpec,
        request: TrainingRequest,
        on_event: Callable[[Event], None],
        is_canceled: Callable[[], bool],
        deadline_seconds: float,
    ) -> None:
        """Train, or go on with a training; `on_event` hears it, Trained last.

        `is_canceled` is asked about twice a second; the engine then writes a checkpoint and ends.

        Raises: as `run`.
        """
        job = frozenset({request.id})
        grace = self.options.cancel_grace_seconds
        cancels = _Cancels(request.id, job, lambda: job if is_canceled() else (), grace)
        self._converse(Train(model, request), on_event, cancels, deadline_seconds)

    def kill(self) -> None:
        """End the process now and reap it. Harmless when there is none."""
        child, self._child, self.ready = self._child, None, None
        if child is not None:
            child.kill()

    def _converse(
        self,
        command: Warm | Run | Train,
        on_event: Callable[[Event], None],
        cancels: _Cancels,
        deadline_seconds: float,
    ) -> None:
        """Say a command and listen until its Done or Failed; any other way out kills the engine."""
        end = time.monotonic() + deadline_seconds
        self.start()
        assert self._child is not None
        try:
            ending = _listen(self._child, command, on_event, cancels, end)
            if ending is None:
                raise EngineTimeout(deadline_seconds)
        except BaseException:
            self.kill()
            raise
        if isinstance(ending, Failed):
            if ending.code == "canceled":
                raise JobsCanceled(cancels.jobs)
            raise EngineFailed(ending.code, ending.message, ending.retryable)
        self.model_loads, self.lora_loads = ending.model_loads, ending.lora_loads


class _Cancels:
    """Asks now and then which jobs were canceled, and knows which of them the engine was told."""

    def __init__(
        self,
        request_id: str,
        jobs: frozenset[str],
        is_canceled: Callable[[], Collection[str]],
        grace_seconds: float = 0.0,
    ) -> None:
        self.jobs = jobs
        self._request_id = request_id
        self._is_canceled = is_canceled
        self._grace_seconds = grace_seconds
        self._told: frozenset[str] = frozenset()
        self._all_told_at = float("inf")
        self.next_poll = time.monotonic() + CANCEL_POLL_SECONDS

    def poll(self) -> Cancel | None:
        """Return what to tell the engine, if it is time to ask and there is something new.

        Raises: JobsCanceled when it was told to give up everything and did not end in time.
        """
        now = time.monotonic()
        if now < self.next_poll:
            return None
        self.next_poll = now + CANCEL_POLL_SECONDS
        if now > self._all_told_at + self._grace_seconds:
            logger.warning("batch ignores its cancel", extra={"batch": self._request_id})
            raise JobsCanceled(self.jobs)
        new = (self.jobs - self._told) & frozenset(self._is_canceled()) if self._told != self.jobs else frozenset()
        if not new:
            return None
        self._told |= new
        if self._told == self.jobs:
            self._all_told_at = now
        return Cancel(self._request_id, tuple(sorted(new)))


def _listen(
    child: Child, command: Warm | Run | Train, on_event: Callable[[Event], None], cancels: _Cancels, end: float
) -> Done | Failed | None:
    """Return how the conversation ended, or None when it did not until `end`."""
    taken = child.send(command, end)
    while taken and time.monotonic() < end:
        cancel = cancels.poll()
        if cancel is not None:
            taken = child.send(cancel, end)
        event = child.receive(min(end, cancels.next_poll))
        if isinstance(event, Done | Failed):
            return event
        if event is not None:
            on_event(event)
    return None


def _nobody() -> Collection[str]:
    return ()
