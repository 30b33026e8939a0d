"""What was measured, in words and as JSON."""

import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.comparison import Outcome, Spread

_PACKAGES = ("django", "django-q2", "gunicorn", "psycopg", "torch", "diffusers", "transformers", "pillow")


def describe_machine(database_url: str) -> dict[str, Any]:
    """Return what the figures depend on besides the code."""
    with psycopg.connect(database_url) as connection:
        settings = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("server_version", "fsync", "synchronous_commit")
        }
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_name(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_bytes": psutil.virtual_memory().total,
        "load_average": os.getloadavg(),
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "postgresql": {name: row[0] for name, row in settings.items() if row},
    }


def headline(machine: Mapping[str, Any]) -> str:
    """Return the machine in two lines."""
    server = machine["postgresql"]
    return (
        f"{machine['cpu']}, {machine['cpus']} CPUs, load {machine['load_average'][0]:.2f}; "
        f"Python {machine['python']}, torch {machine['packages']['torch']}\n"
        f"PostgreSQL {server['server_version']}, fsync {server['fsync']}, "
        f"synchronous_commit {server['synchronous_commit']}"
    )


def text_of(outcome: Outcome) -> str:
    """Return one benchmark's answer, its first line the verdict."""
    verdict = "FALLS SHORT" if outcome.verdict == "falls short" else outcome.verdict
    bound = f"bound {outcome.bound}: {verdict}" if outcome.bound else verdict
    return "\n  ".join(
        [
            f"({outcome.name}) {outcome.title}: {outcome.judged:.3f}, {bound}",
            f"ratio over {len(outcome.ratios)} pairs: {Spread.of(outcome.ratios)}",
            *outcome.lines,
        ]
    )


def write(path: Path, machine: Mapping[str, Any], outcomes: Sequence[Outcome], failures: Mapping[str, str]) -> None:
    """Write everything, single turns included; what could not be measured stands there with its reason alone."""
    body = {
        "machine": machine,
        "benchmarks": {
            outcome.name: {**asdict(outcome), "holds": outcome.holds, "verdict": outcome.verdict}
            for outcome in outcomes
        },
        "failures": failures,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body, indent=1, allow_nan=False) + "\n")


def _cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
