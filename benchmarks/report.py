"""What was measured, in words and as JSON."""

import importlib.metadata
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks import page
from benchmarks.children import ROOT
from benchmarks.comparison import Outcome, Spread

# Where each run leaves its JSON, named by when it began.
RUNS = Path("var/benchmarks")
_PACKAGES = ("django", "django-q2", "gunicorn", "psycopg", "torch", "diffusers", "transformers", "pillow")


def describe_machine(database_url: str, command: str) -> dict[str, Any]:
    """Return what the figures depend on, the code's commit among it; the load is that of the beginning."""
    with psycopg.connect(database_url) as connection:
        settings = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("server_version", "fsync", "synchronous_commit")
        }
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "commit": _commit(),
        "cpu": _cpu_name(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_bytes": psutil.virtual_memory().total,
        "load_average": os.getloadavg(),
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "postgresql": {name: row[0] for name, row in settings.items() if row},
    }


def default_path(prefix: str = "") -> Path:
    """Return where a run that begins now is written."""
    return RUNS / f"{prefix}{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.json"


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


def write(path: Path, machine: Mapping[str, Any], outcomes: Sequence[Outcome], failures: Mapping[str, str]) -> Path:
    """Write everything, single turns included, and the page beside it; returns where the page lies.

    What could not be measured stands there with its reason alone. In a folder of runs the page is of all of them, the
    newest of each benchmark.
    """
    body = {
        "machine": {**machine, "load_average_at_end": os.getloadavg()},
        "benchmarks": {
            outcome.name: {**asdict(outcome), "holds": outcome.holds, "verdict": outcome.verdict}
            for outcome in outcomes
        },
        "failures": failures,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body, indent=1, allow_nan=False) + "\n")
    is_of_many = path.parent.name == RUNS.name
    shown = path.with_name("index.html") if is_of_many else path.with_suffix(".html")
    page.write(shown, sorted(path.parent.glob("*.json")) if is_of_many else [path])
    return shown


def _commit() -> str:
    """Return the commit that this is, and whether anything was changed since; empty where git does not know."""
    command = ["git", "describe", "--always", "--abbrev=12", "--dirty= and changes", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
