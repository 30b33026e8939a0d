"""Pictures share a device, a training has it alone; pictures come first, and no training waits for ever."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from generation.engine.device_lease import PictureLease, TrainingLease

PATIENCE_SECONDS = 60.0


class GivenUp(Exception):
    """The training was told that it is wanted no more."""


@pytest.fixture
def training(tmp_path: Path) -> Iterator[TrainingLease]:
    lease = TrainingLease(tmp_path, "cpu", slice_seconds=0.0)
    yield lease
    lease.release()


def pictures(folder: Path, patience_seconds: float = 60.0) -> PictureLease:
    return PictureLease(folder, "cpu", patience_seconds=patience_seconds)


def in_thread(work: threading.Thread) -> threading.Thread:
    work.start()
    return work


def refuse() -> None:
    raise GivenUp


def go_on() -> None:
    """Wait."""


def test_pictures_share_the_device(tmp_path: Path) -> None:
    one, other = pictures(tmp_path), pictures(tmp_path)
    one.acquire()
    other.acquire()
    assert one.is_held
    assert other.is_held


def test_a_training_waits_for_pictures_and_can_be_told_to_stop_waiting(tmp_path: Path, training: TrainingLease) -> None:
    lease = pictures(tmp_path)
    lease.acquire()
    with pytest.raises(GivenUp):
        training.acquire(refuse)
    lease.release()
    training.acquire(refuse)


def test_a_training_is_asked_for_the_device_and_gives_it(tmp_path: Path, training: TrainingLease) -> None:
    lease = pictures(tmp_path)
    training.acquire(refuse)
    assert not training.is_wanted()
    drawing = in_thread(threading.Thread(target=lease.acquire))
    while not training.is_wanted():
        assert drawing.is_alive()

    training.release()
    training.await_pictures()

    drawing.join(PATIENCE_SECONDS)
    assert lease.is_held
    with pytest.raises(GivenUp):
        training.acquire(refuse)


def test_a_slice_is_not_cut_short(tmp_path: Path) -> None:
    training = TrainingLease(tmp_path, "cpu", slice_seconds=3600)
    lease = pictures(tmp_path)
    training.acquire(refuse)
    drawing = in_thread(threading.Thread(target=lease.acquire))
    taken = PictureLease(tmp_path, "cpu", patience_seconds=60)._wish
    while not taken.is_taken():
        assert drawing.is_alive()
    assert not training.is_wanted()
    training.release()
    drawing.join(PATIENCE_SECONDS)


def test_a_training_that_waited_long_goes_before_the_next_picture(tmp_path: Path, training: TrainingLease) -> None:
    first, second = pictures(tmp_path), pictures(tmp_path, patience_seconds=0.0)
    first.acquire()
    learning = in_thread(threading.Thread(target=training.acquire, args=(go_on,)))
    while not first.is_wanted():
        assert learning.is_alive()
    drawing = in_thread(threading.Thread(target=second.acquire))
    first.release()

    learning.join(PATIENCE_SECONDS)
    assert not second.is_held
    while not training.is_wanted():
        assert drawing.is_alive()
    training.release()
    drawing.join(PATIENCE_SECONDS)
    assert second.is_held


def test_devices_do_not_know_each_other(tmp_path: Path, training: TrainingLease) -> None:
    training.acquire(refuse)
    PictureLease(tmp_path, "cuda-1", patience_seconds=0).acquire()


def test_whoever_is_killed_holds_nothing(tmp_path: Path) -> None:
    ready = multiprocessing.get_context("fork").Event()
    holder = multiprocessing.get_context("fork").Process(target=_hold, args=(tmp_path, ready))
    holder.start()
    assert ready.wait(PATIENCE_SECONDS)
    lease = TrainingLease(tmp_path, "cpu", slice_seconds=0)
    with pytest.raises(GivenUp):
        lease.acquire(refuse)

    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()

    lease.acquire(refuse)


def _hold(folder: Path, ready: Event) -> None:
    TrainingLease(folder, "cpu", slice_seconds=0).acquire(refuse)
    ready.set()
    signal.pause()
