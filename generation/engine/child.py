"""The engine's process as its parent holds it: spawned with exec, two pipes of lines, a log, an end.

What belongs here: bytes, pipes and signals. What does not: what is said over them (`client.py`).
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from generation.engine import protocol
from generation.engine.errors import EngineCrashed
from generation.engine.protocol import Command, Event, ProtocolError

PROJECT_ROOT = Path(__file__).resolve().parents[2]
LOG_MAX_BYTES = 10 * 1024 * 1024
# Between the end of its pipe and the end of a process lies a moment; a process that stays longer is made to go.
EXIT_SECONDS = 2.0


class Child:
    """A running engine process."""

    def __init__(self, arguments: Sequence[str], log_path: Path) -> None:
        """Start it; its stderr, and whatever libraries print, is appended to the log."""
        log_path.parent.mkdir(parents=True, exist_ok=True)
        if log_path.exists() and log_path.stat().st_size > LOG_MAX_BYTES:
            log_path.replace(log_path.with_name(log_path.name + ".1"))
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,
                env=_environment(),
            )
        os.set_blocking(self._stdin.fileno(), False)
        self._received = bytearray()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def send(self, command: Command, end: float) -> bool:
        """Write one line; False when the process did not take it until `end` (of `time.monotonic`).

        Raises: EngineCrashed.
        """
        line = memoryview(protocol.encode(command))
        poller = select.poll()
        poller.register(self._stdin, select.POLLOUT)
        try:
            while line:
                if not poller.poll(_milliseconds_until(end)):
                    return False
                line = line[os.write(self._stdin.fileno(), line) :]
            return True
        except BrokenPipeError:
            raise self._crashed() from None

    def receive(self, end: float) -> Event | None:
        """Return the next event, or None when none came until `end`. Raises: EngineCrashed."""
        poller = select.poll()
        poller.register(self._stdout, select.POLLIN)
        while (length := self._received.find(b"\n") + 1) == 0:
            if not poller.poll(_milliseconds_until(end)):
                return None
            data = os.read(self._stdout.fileno(), 1 << 16)
            if not data:
                raise self._crashed()
            self._received += data
        line = bytes(self._received[:length])
        del self._received[:length]
        try:
            return protocol.decode_event(line)
        except ProtocolError as error:
            raise EngineCrashed(None, f"it does not speak our protocol: {error}") from error

    def kill(self) -> int:
        """End it now, reap it and close its pipes; return its code."""
        self._process.kill()
        returncode = self._process.wait()
        self._stdin.close()
        self._stdout.close()
        return returncode

    def _crashed(self) -> EngineCrashed:
        try:
            return EngineCrashed(self._process.wait(EXIT_SECONDS))
        except subprocess.TimeoutExpired:
            return EngineCrashed(None, "it closed its pipe")

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout


def _milliseconds_until(end: float) -> float:
    return max(0.0, end - time.monotonic()) * 1000


def _environment() -> dict[str, str]:
    """Return the child's environment: it finds this project, looks for no network and shares its cores."""
    path = os.pathsep.join(filter(None, (str(PROJECT_ROOT), os.environ.get("PYTHONPATH", ""))))
    # By default OpenMP's threads spin while they wait for each other. Where something else wants a core too, one
    # of them is always late, and the spinning then takes four times the work itself.
    shared = {"OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    return {**shared, **os.environ, "PYTHONPATH": path}
