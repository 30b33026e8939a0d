"""A child process that answers questions, one JSON object a line: both ends of it.

The bare sides run so, each in a process of its own that has nothing of the other side in it.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from benchmarks.errors import BenchmarkFailed
from tests.processes import tie_to_parent

ROOT = Path(__file__).resolve().parent.parent

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class Child:
    """The asking end."""

    def __init__(self, module: str, environment: Mapping[str, str], log: Path, *arguments: str) -> None:
        """Start `python -m module arguments`; what it prints beside its answers goes to the log."""
        self._module = module
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                preexec_fn=tie_to_parent(signal.SIGKILL),
            )
        self._received = b""

    @property
    def process(self) -> psutil.Process:
        """The child, for its CPU-seconds."""
        return psutil.Process(self._process.pid)

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, patience_seconds: float = 600.0, **question: Any) -> dict[str, Any]:
        """Return the child's answer. Raises: BenchmarkFailed."""
        self.tell(**question)
        return self.hear(patience_seconds)

    def tell(self, **question: Any) -> None:
        """Send a question; the answer is for `hear`."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def hear(self, patience_seconds: float = 600.0) -> dict[str, Any]:
        """Return the next answer. Raises: BenchmarkFailed."""
        assert self._process.stdout is not None
        end = time.monotonic() + patience_seconds
        while b"\n" not in self._received:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise BenchmarkFailed(f"{self._module} did not answer within {patience_seconds:g} s")
            part = os.read(self._process.stdout.fileno(), 1 << 16)
            if not part:
                raise self._ended()
            self._received += part
        line, _, self._received = self._received.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise BenchmarkFailed(f"{self._module}: {answer['failed']}")
        return answer

    def _ended(self) -> BenchmarkFailed:
        tail = self._log.read_bytes()[-2000:].decode(errors="replace")
        return BenchmarkFailed(f"{self._module} ended with {self._process.wait(60)}. The end of its log:\n{tail}")


def serve(make_answer: Callable[[], Answer]) -> None:
    """Be the answering end: get ready, say so, then answer until the asking end is closed."""
    answers = os.fdopen(os.dup(1), "wb")
    # A library that prints must not write between the answers.
    os.dup2(2, 1)

    def reply(body: dict[str, Any]) -> None:
        answers.write(json.dumps(body).encode() + b"\n")
        answers.flush()

    answer = make_answer()
    reply({"ready": True})
    for line in sys.stdin.buffer:
        try:
            reply(answer(json.loads(line)))
        except Exception as error:  # noqa: BLE001 - whatever it is, the asking end fails with it
            reply({"failed": f"{type(error).__name__}: {error}"})
