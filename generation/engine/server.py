"""The engine's process: reads commands from its first pipe, draws, writes events to its second.

Started by `engine.client` with exec, never imported by the worker. What belongs here: the process, its pipes
and its loop. What does not: how a request is run (`batches.py`) and what draws (`noop.py`, `generation.inference`).
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from generation.engine import protocol
from generation.engine.backend import Backend
from generation.engine.batches import BatchRunner, Cancellations
from generation.engine.device_lease import PictureLease, TrainingLease
from generation.engine.errors import places_of
from generation.engine.noop import NoopBackend
from generation.engine.protocol import Cancel, Done, Event, Failed, ProtocolError, Ready, Run, Train, Warm
from generation.engine.trainings import Leases, TrainingRunner
from generation.inference.errors import InferenceError

logger = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1  # Source: linux/prctl.h
BROKEN_PROTOCOL_EXIT_CODE = 2
# EFBIG is what a limit on a process's file size says where a full disk would say ENOSPC.
DISK_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# How often an idle engine that keeps models in a GPU's memory looks whether a training wants it.
_IDLE_SECONDS = 0.5


def main() -> None:
    """Serve until the worker closes its end or goes away."""
    options = _parse_options()
    _die_with(options.parent)
    commands, events = take_pipes()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    server = Server(lambda: _make_backend(options), commands, events, lambda backend: _make_leases(options, backend))
    server.serve()


class Server:
    """One thread reads, so that a cancel is heard between two steps; this one loads and draws."""

    def __init__(
        self,
        make_backend: Callable[[], Backend],
        commands_fd: int,
        events_fd: int,
        make_leases: Callable[[Backend], Leases | None] = lambda _: None,
    ) -> None:
        self._make_backend = make_backend
        self._make_leases = make_leases
        self._commands_fd = commands_fd
        self._events_fd = events_fd
        self._cancellations = Cancellations()
        self._waiting: queue.SimpleQueue[Warm | Run | Train] = queue.SimpleQueue()

    def serve(self) -> None:
        """Say Ready, then answer one request after the other, for ever."""
        threading.Thread(target=self._read_commands, name="commands", daemon=True).start()
        backend = self._make_backend()
        leases = self._make_leases(backend)
        runner = BatchRunner(backend, self._cancellations, self._emit)
        trainer = TrainingRunner(backend, self._cancellations, self._emit, leases.trainings if leases else None)
        versions = {"protocol": str(protocol.PROTOCOL_VERSION), **backend.versions}
        self._emit(Ready(os.getpid(), backend.device, versions, backend.dtypes))
        while True:
            command = self._next(backend, leases)
            if isinstance(command, Train):
                self._answer(command, partial(trainer.run, command))
                continue
            if leases:
                leases.pictures.acquire()
            self._answer(command, partial(_draw, runner, command))
            if leases and not backend.keeps_memory:
                leases.pictures.release()

    def _next(self, backend: Backend, leases: Leases | None) -> Warm | Run | Train:
        """Wait for a command; whoever keeps a GPU's memory meanwhile gives it back when a training wants it."""
        while leases and leases.pictures.is_held:
            try:
                return self._waiting.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                if leases.pictures.is_wanted():
                    backend.let_go()
                    leases.pictures.release()
        return self._waiting.get()

    def _answer(self, command: Warm | Run | Train, work: Callable[[], Done]) -> None:
        """Do the work and end the request with exactly one Done or Failed."""
        request_id = protocol.id_of(command)
        try:
            ending: Event = work()
        except InferenceError as error:
            ending = Failed(request_id, error.code, str(error), error.retryable)
        except OSError as error:
            ending = _failed_by_system(request_id, error)
        except MemoryError:
            ending = Failed(request_id, "out_of_memory", "not enough memory", retryable=True)
        except Exception as error:
            logger.exception("request %s failed", request_id)
            ending = Failed(request_id, "internal", places_of(error), retryable=True)
        self._cancellations.close(request_id)
        self._emit(ending)

    def _read_commands(self) -> None:
        """Take commands as they come. The end of the pipe means that the worker is gone, and so do we go."""
        with os.fdopen(self._commands_fd, "rb") as lines:
            for line in lines:
                try:
                    command = protocol.decode_command(line)
                except ProtocolError:
                    logger.exception("the worker does not speak our protocol")
                    os._exit(BROKEN_PROTOCOL_EXIT_CODE)
                if isinstance(command, Cancel):
                    self._cancellations.add(command.request_id, command.jobs)
                    continue
                if isinstance(command, Run | Train):
                    self._cancellations.open(command.request.id)
                self._waiting.put(command)
        # The drawing thread may be deep inside a kernel; there is nothing of ours to tidy up.
        os._exit(0)

    def _emit(self, event: Event) -> None:
        """Write one line. Only the drawing thread does, so lines never mix."""
        line = memoryview(protocol.encode(event))
        try:
            while line:
                line = line[os.write(self._events_fd, line) :]
        except BrokenPipeError:
            os._exit(0)


def _draw(runner: BatchRunner, command: Warm | Run) -> Done:
    if isinstance(command, Warm):
        runner.warm(command.model)
    else:
        runner.run(command.request)
    return Done(protocol.id_of(command), *runner.loads)


def _failed_by_system(request_id: str, error: OSError) -> Failed:
    if error.errno in DISK_FULL_ERRNOS:
        return Failed(request_id, "disk_full", str(error.strerror), retryable=True)
    logger.error("request %s failed", request_id, exc_info=error)
    return Failed(request_id, "internal", f"{type(error).__name__}: {error.strerror}", retryable=True)


def _make_backend(options: argparse.Namespace) -> Backend:
    if options.backend == "noop":
        return NoopBackend(options.noop_seconds)
    # Torch takes seconds to import; the no-op engine has to be there at once.
    from generation.inference.backend import DiffusersBackend
    from generation.inference.compiling import Compiling

    compiling = Compiling(options.compile, options.compiler)
    return DiffusersBackend(options.device, options.threads, options.cache_bytes, options.memory_bytes, compiling)


def _make_leases(options: argparse.Namespace, backend: Backend) -> Leases | None:
    if not options.lease_folder:
        return None
    folder = Path(options.lease_folder)
    return Leases(
        PictureLease(folder, backend.lease_name, patience_seconds=options.patience_seconds),
        TrainingLease(folder, backend.lease_name, slice_seconds=options.slice_seconds),
    )


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m generation.engine.server", description=__doc__)
    parser.add_argument("--backend", choices=["diffusers", "noop"], default="diffusers")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 is one a core")
    parser.add_argument("--cache-bytes", type=int, default=0, help="what warm models may take; 0 is half the memory")
    parser.add_argument("--memory-bytes", type=int, default=0, help="what it may take of the device; 0 is all")
    parser.add_argument("--compile", choices=["", "blocks", "whole"], default="", help="what of a model is compiled")
    parser.add_argument("--compiler", default="inductor", help="one of torch's backends")
    parser.add_argument("--noop-seconds", type=float, default=0.0, help="how long the no-op backend takes for a pass")
    parser.add_argument("--lease-folder", default="", help="where pictures and trainings agree on who has the device")
    parser.add_argument("--slice-seconds", type=float, default=1.0, help="how long a training keeps it at least")
    parser.add_argument("--patience-seconds", type=float, default=10.0, help="how long a training waits at most")
    parser.add_argument("--parent", type=int, default=0, help="leave unless this process is the parent")
    return parser.parse_args()


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when the thread that started it ends, however it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The parent may have died before the line above took hold.
    if parent and os.getppid() != parent:
        os._exit(0)
    # Ctrl-C in a terminal reaches the whole group; when to stop is the worker's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def take_pipes() -> tuple[int, int]:
    """Keep the protocol's pipes to ourselves: a library that prints writes to the log, one that reads gets nothing."""
    commands, events = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return commands, events


if __name__ == "__main__":
    main()
