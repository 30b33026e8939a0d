"""A worker for tests, in a process of its own: forked, so that it has the test's settings and is there at once.

Its threads, its engine and its connections end with it.
"""

import dataclasses
import faulthandler
import fcntl
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connections

from generation.engine.client import Engine
from generation.models import Job
from generation.worker import Worker
from tests.flows.clusters import PATIENCE_SECONDS, wait_for

_fork = multiprocessing.get_context("fork")


def run_forked(work: Callable[[], None]) -> None:
    """Do something in a process of its own and wait for its end. Fails where it ends badly."""
    with forked(work) as process:
        await_end(process)


@contextmanager
def worker_process(name: str = "w1") -> Iterator[BaseProcess]:
    """Have a worker draw what waits, and yield its process; it ends by itself when nothing is left to draw."""
    with forked(partial(_drain, name)) as process:
        yield process


@contextmanager
def slow_worker_process(name: str = "w1") -> Iterator[BaseProcess]:
    """Have a worker draw whose first engine is as slow as the settings say; those that come after it are quick."""
    with forked(partial(_drain, name, is_first_slow=True)) as process:
        yield process


def drain(name: str = "w1") -> None:
    """Have a worker draw until nothing waits."""
    with worker_process(name) as process:
        await_end(process)


def await_end(process: BaseProcess) -> None:
    """Wait until the worker has nothing left to draw. Fails when it ends badly, or never."""
    process.join(PATIENCE_SECONDS)
    if process.exitcode is None and process.pid:
        os.kill(process.pid, signal.SIGUSR1)
        process.join(1)
    assert process.exitcode == 0, "it has not ended: what its threads do stands in the captured stderr"


def family(process: BaseProcess) -> list[psutil.Process]:
    """Return the worker and its engine, those of them that are there."""
    try:
        worker = psutil.Process(process.pid)
        return [worker, *worker.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def await_engine(process: BaseProcess) -> psutil.Process:
    """Wait for the worker's engine, and return it."""
    return wait_for(lambda: family(process)[1:], "an engine")[0]


def await_drawing(process: BaseProcess) -> psutil.Process:
    """Wait until the worker's engine draws, and return it; whoever is killed before has only to start anew."""
    engine = await_engine(process)
    wait_for(_is_device_taken, "the engine to draw")
    return engine


def files_of(job: Job) -> list[Path]:
    """Return the files of the run's pictures that exist."""
    keys = [key for image in job.images.all() for key in image.files]
    return [path for path in (Path(settings.MEDIA_ROOT) / key for key in keys) if path.is_file()]


def scratch_of(job: Job) -> Path:
    """Return where the run's raw pictures lie while it is being drawn."""
    return Path(settings.SCRATCH_DIR) / job.pk.hex


def hang(job: Job) -> None:
    """Have the engine of the run's first attempt find nobody who takes its first picture, and wait for one."""
    folder = scratch_of(job) / "1"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "0.npy.part")  # opening it waits for a reader


@contextmanager
def forked(work: Callable[[], None]) -> Iterator[BaseProcess]:
    """Do something in a process of its own and yield it; what is left of it and its children is killed in the end."""
    connections.close_all()  # of two processes with one connection, each would read the other's answers
    process = _fork.Process(target=_tell, args=(work,))
    process.start()
    try:
        yield process
    finally:
        for member in family(process):
            member.kill()
        process.join()


def _is_device_taken() -> bool:
    with (Path(settings.LEASE_DIR) / "none.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _tell(work: Callable[[], None]) -> None:
    """Do the work; what each thread does is told on SIGUSR1."""
    faulthandler.register(signal.SIGUSR1, file=2, all_threads=True)
    work()


def start_slow(engine: Engine) -> None:
    """Start an engine with the pace of the settings, and have those after it take no time at all.

    Whoever kills it half way need not hurry, and does not wait long for what comes then.
    """
    engine.start()
    engine.options = dataclasses.replace(engine.options, noop_seconds=0.0)


def _drain(name: str, *, is_first_slow: bool = False) -> None:
    worker = Worker(name)
    if is_first_slow:
        start_slow(worker.engine)
    while worker.drain():
        worker.storekeeper.wait()  # a picture that cannot be stored sends its run back: there may be more to draw
    worker.engine.kill()
