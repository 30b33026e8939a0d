"""A supervised gpu cluster for tests: the real commands in real processes, and a hand that kills them.

What belongs here: starting, finding and killing processes, and what must hold afterwards. What does not: what a
single test is about.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from generation.models import Job
from tests.processes import tie_to_parent
from tests.rules.tree import ROOT

T = TypeVar("T")

# Long enough for the slowest machine; whoever waits this long has found a defect.
PATIENCE_SECONDS = 180.0

# Leases short enough that a lost run comes back within the test.
QUICK = {"ENGINE_BACKEND": "noop", "ENGINE_NOOP_SECONDS": "0.2", "JOB_LEASE_SECONDS": "3"}


@dataclass
class GpuCluster:
    """A supervisor and, seen from outside, the processes it keeps."""

    supervisor: subprocess.Popen[bytes]
    log: Path

    def members(self) -> dict[str, list[psutil.Process]]:
        """Return the cluster's processes by what they do; those that are not there are missing."""
        found: dict[str, list[psutil.Process]] = {}
        try:
            for main in psutil.Process(self.supervisor.pid).children():
                found.setdefault("main", []).append(main)
                for sentinel in main.children():
                    found.setdefault("sentinel", []).append(sentinel)
                    _sort_crew(sentinel, found)
        except psutil.NoSuchProcess:
            pass  # somebody ended between two looks
        return found

    def pid_of(self, role: str) -> int | None:
        """Return the id of the process that does this, if it is there."""
        processes = self.members().get(role)
        return processes[0].pid if processes else None

    def await_member(self, role: str, *, other_than: int | None = None) -> int:
        """Wait for a process (other than a known one) that does this, and return its id."""

        def look() -> int | None:
            assert self.supervisor.poll() is None, self.text()[-3000:]
            pid = self.pid_of(role)
            return pid if pid != other_than else None

        return wait_for(look, role)

    def kill(self, role: str) -> int:
        """Kill -9 the process that does this, and return its id."""
        pid = self.await_member(role)
        os.kill(pid, signal.SIGKILL)
        return pid

    def end(self) -> None:
        """Kill everything at once; the supervisor first, for it would start a new cluster."""
        try:
            family = psutil.Process(self.supervisor.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            family = []
        self.supervisor.kill()
        self.supervisor.wait()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def text(self) -> str:
        """Return what the supervisor and its cluster printed."""
        return self.log.read_text(errors="replace")


@contextlib.contextmanager
def gpu_cluster(
    environment: Mapping[str, str], folder: Path, *, name: str = "gpu", program: Sequence[str] = (), **changes: str
) -> Iterator[GpuCluster]:
    """Run `manage.py supervise gpu` (or `training`) and yield it; what is left of it is killed in the end.

    program: what Python is to run instead.
    """
    log = folder / "supervisor.log"
    with log.open("ab") as output:
        supervisor = subprocess.Popen(
            [sys.executable, *(program or ("manage.py", "supervise", name))],
            cwd=ROOT,
            # The queue's name is what the supervisor would otherwise begin anew for.
            env={**environment, "Q_CLUSTER_NAME": name, **QUICK, **changes},
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=tie_to_parent(signal.SIGTERM),
        )
    cluster = GpuCluster(supervisor, log)
    try:
        yield cluster
    finally:
        cluster.end()


def wait_for(look: Callable[[], T | None], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Return what `look` finds once it finds something. Raises: TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError(f"waited in vain for {what}")


def wait_until_ended(job: Job, seconds: float = PATIENCE_SECONDS) -> Job:
    """Wait until the run is over, and return it as it ended."""
    wait_for(lambda: not Job.objects.get(pk=job.pk).is_active, f"the end of {job}", seconds)
    return Job.objects.select_related("hold").get(pk=job.pk)


def wait_until_running(job: Job) -> Job:
    """Wait until a worker has taken the run."""
    wait_for(lambda: Job.objects.filter(pk=job.pk, status=Job.Status.PROCESSING).exists(), f"the start of {job}")
    return Job.objects.get(pk=job.pk)


def _sort_crew(sentinel: psutil.Process, found: dict[str, list[psutil.Process]]) -> None:
    """Tell a sentinel's children apart: it starts its workers first, then the monitor, then the pusher."""
    crew = sorted(sentinel.children(), key=lambda process: (process.create_time(), process.pid))
    for place, process in enumerate(crew):
        role = {1: "monitor", 2: "pusher"}.get(place, "worker")
        found.setdefault(role, []).append(process)
        engines = [child for child in process.children() if "generation.engine.server" in child.cmdline()]
        found.setdefault("engine", []).extend(engines)
    if not found.get("engine"):
        found.pop("engine", None)
