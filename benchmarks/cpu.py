"""CPU-seconds of whole process trees, children that have ended included."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psutil
import psycopg

from benchmarks.errors import BenchmarkFailed


@dataclass(frozen=True)
class CpuReading:
    """CPU-seconds spent so far, by who spent them; `machine` is everything that ran here, `client` ourselves."""

    parts: Mapping[str, float]
    postgres: float
    client: float
    machine: float

    def since(self, earlier: "CpuReading") -> "CpuReading":
        """Return what was spent between two readings."""
        parts = {name: seconds - earlier.parts.get(name, 0.0) for name, seconds in self.parts.items()}
        return CpuReading(
            parts,
            self.postgres - earlier.postgres,
            self.client - earlier.client,
            self.machine - earlier.machine,
        )

    @property
    def site(self) -> float:
        """All of the site's own processes, without the database server."""
        return sum(self.parts.values())

    @property
    def others(self) -> float:
        """What ran on this machine and has nothing to do with the benchmark: noise."""
        return max(0.0, self.machine - self.site - self.postgres - self.client)


def read(parts: Mapping[str, Iterable[psutil.Process]], postgres: psutil.Process | None = None) -> CpuReading:
    """Read now. Each part is a set of processes, counted without their living children.

    Without `postgres`, of a benchmark that asks no database, the server's count with the others'.
    """
    own = os.times()
    return CpuReading(
        {name: sum(map(_seconds, processes)) for name, processes in parts.items()},
        sum(map(_seconds, [postgres, *postgres.children(recursive=True)])) if postgres else 0.0,
        own.user + own.system,
        _machine_seconds(),
    )


def postgres_server(connection: "psycopg.Connection[tuple[object, ...]]") -> psutil.Process:
    """Return the main process of the server at the other end.

    Raises: BenchmarkFailed when it is not on this machine.
    """
    backend = psutil.Process(connection.info.backend_pid) if psutil.pid_exists(connection.info.backend_pid) else None
    server = backend.parent() if backend else None
    if server is None or "postgres" not in server.name():
        raise BenchmarkFailed("the PostgreSQL server is not on this machine, so its CPU-seconds cannot be measured")
    return server


def _seconds(process: psutil.Process) -> float:
    """Return a process's CPU-seconds with those of its children that have ended and been waited for."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0  # it ended just now; its parent's reading has it
    return float(times.user + times.system + times.children_user + times.children_system)


def _machine_seconds() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)
