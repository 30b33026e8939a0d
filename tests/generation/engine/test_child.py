"""The process: where it lives, whom it dies with, and that its pipes belong to the protocol alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from generation.engine.child import LOG_MAX_BYTES, PROJECT_ROOT, Child
from generation.engine.errors import EngineCrashed
from generation.engine.protocol import Done, Loaded, Ready, Warm
from tests.generation.engine.asking import ANY_MODEL, done_keys, draw, noop_engine, request_of

# An engine whose libraries print, in Python, in C and in children of their own, and read what is not theirs.
TALKATIVE = """
import os, sys
from generation.engine.noop import NoopBackend
from generation.engine.server import Server, take_pipes

class Talkative(NoopBackend):
    def load(self, spec):
        print("Loading pipeline components...")
        os.write(1, b"from C, without a newline")
        os.system("echo from a child of its own")
        assert sys.stdin.read() == ""
        return super().load(spec)

Server(Talkative, *take_pipes()).serve()
"""

PARENT = """
import sys, time
from pathlib import Path
from tests.generation.engine.asking import noop_engine

engine = noop_engine(Path(sys.argv[1]))
print(engine.start().pid, flush=True)
time.sleep(600)
"""


def test_what_libraries_print_goes_to_the_log(tmp_path: Path) -> None:
    log_path = tmp_path / "engine.log"
    child = Child([sys.executable, "-c", TALKATIVE], log_path)
    try:
        end = time.monotonic() + 30
        assert isinstance(child.receive(end), Ready)
        assert child.send(Warm("warm-1", ANY_MODEL), end)
        assert isinstance(child.receive(end), Loaded)
        assert child.receive(end) == Done("warm-1", model_loads=1)
    finally:
        child.kill()
    log = log_path.read_text()
    assert "Loading pipeline components..." in log
    assert "from C" in log
    assert "from a child" in log


def test_a_child_that_speaks_something_else_is_an_error(tmp_path: Path) -> None:
    child = Child([sys.executable, "-c", "print('hello')"], tmp_path / "log")
    try:
        with pytest.raises(EngineCrashed, match="protocol"):
            child.receive(time.monotonic() + 30)
    finally:
        child.kill()


def test_nothing_said_is_not_waited_for_longer_than_asked(tmp_path: Path) -> None:
    child = Child([sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "log")
    try:
        assert child.receive(time.monotonic() + 0.1) is None
        assert child.alive
    finally:
        assert child.kill() == -signal.SIGKILL


def test_an_engine_dies_with_its_worker_however_that_dies(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, cwd=PROJECT_ROOT, text=True
    )
    with parent:
        assert parent.stdout is not None
        engine = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    gone, _ = psutil.wait_procs([engine], timeout=30)
    assert gone


def test_ctrl_c_in_a_terminal_leaves_the_end_to_the_worker(tmp_path: Path) -> None:
    with noop_engine(tmp_path) as engine:
        pid = engine.start().pid
        os.kill(pid, signal.SIGINT)
        assert done_keys(draw(engine, request_of(tmp_path))) == ["a:0"]
        assert engine.pid == pid


def test_a_daemonic_worker_may_have_an_engine(tmp_path: Path) -> None:
    """django-q2's workers are daemonic: they may have no children of `multiprocessing`, but may have this one."""
    process = multiprocessing.get_context("spawn").Process(target=_draw_one, args=(tmp_path,), daemon=True)
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert (tmp_path / "a-0.npy").is_file()


def test_a_log_that_grew_long_is_put_aside(tmp_path: Path) -> None:
    log_path = tmp_path / "engine.log"
    with log_path.open("wb") as log:
        log.truncate(LOG_MAX_BYTES + 1)
    Child([sys.executable, "-c", ""], log_path).kill()
    assert log_path.stat().st_size == 0
    assert (tmp_path / "engine.log.1").stat().st_size == LOG_MAX_BYTES + 1


def _draw_one(folder: Path) -> None:
    with noop_engine(folder) as engine:
        draw(engine, request_of(folder))
