"""Run the benchmarks that need a GPU: `python -m benchmarks.gpu [--dry-run] [--only worker,batches …] [--json PATH]`.

See docs/benchmarks.md. Needs neither Django nor a database nor a network. `--dry-run` goes through all of it on the CPU
with toys, and gives no figure. Exit status: 0 when everything was measured and every bound holds (in a dry run: when
every section came through, and every figure in it), 1 when a bound does not, 2 when something could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import gpu_sections
from benchmarks.errors import BenchmarkFailed
from benchmarks.gpu_sections import Figure, Findings
from benchmarks.gpu_stage import FULL, TOY, Stage

NOT_MEASURED = "not measured"
_DEFAULT_JSON = Path("var/benchmarks/gpu.json")
# Outside the folder of which the page is made: it has no figures.
_DRY_RUN_JSON = Path("var/gpu-dry-run.json")


@dataclass(frozen=True)
class Section:
    """One of them, and how long it may take at full size, in seconds."""

    measure: Callable[[Stage], Findings]
    limit: float


# By worth: a run may be cut off.
SECTIONS: dict[str, Section] = {
    "ceiling": Section(gpu_sections.ceiling, 90),
    "worker": Section(gpu_sections.worker, 420),
    "batches": Section(gpu_sections.batches, 180),
    "out-of-memory": Section(gpu_sections.out_of_memory, 120),
    "memory": Section(gpu_sections.memory, 60),
    "encoding": Section(gpu_sections.encoding, 120),
    "loras": Section(gpu_sections.loras, 120),
    "compiling": Section(gpu_sections.compiling, 240),
    "worker-eager": Section(gpu_sections.worker_eager, 180),
    "others": Section(gpu_sections.others, 240),
    "flux": Section(gpu_sections.flux, 300),
}


class Results:
    """What is known so far, written after each section."""

    def __init__(self, path: Path, machine: dict[str, Any], *, dry_run: bool) -> None:
        self._path = path
        self._dry_run = dry_run
        self.body: dict[str, Any] = {"machine": machine, "dry_run": dry_run, "figures": {}, "sections": {}}

    def add(self, name: str, seconds: float, found: Findings) -> None:
        """Take what a section found; a dry run's figures mean nothing and are left out."""
        for figure in found.figures:
            known = not self._dry_run and figure.value is not None
            self.body["figures"][figure.name] = _plain(figure) if known else NOT_MEASURED
        reasons = {figure.name: figure.reason for figure in found.figures if figure.value is None}
        lines = [] if self._dry_run else found.lines
        names = [figure.name for figure in found.figures]
        section = {"seconds": seconds, "lines": lines, "figures": names, "missing": reasons}
        self.body["sections"][name] = {**section, "failed": "", "details": found.details}
        self._write()

    def fail(self, name: str, seconds: float, reason: str) -> None:
        """Take a section without figures."""
        self.body["sections"][name] = {"seconds": seconds, "failed": reason, "figures": [name], "missing": {}}
        self.body["figures"][name] = NOT_MEASURED
        self._write()

    @property
    def status(self) -> int:
        """The exit status."""
        sections = self.body["sections"].values()
        if any(section["failed"] or section["missing"] for section in sections):
            return 2
        if self._dry_run:
            return 0
        figures = self.body["figures"].values()
        return 0 if all(figure["holds"] for figure in figures) else 1

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(self._path.name + ".part")
        part.write_text(json.dumps(self.body, indent=1, allow_nan=False) + "\n")
        part.replace(self._path)


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for, print it, write it; returns the exit status."""
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory(prefix="bench-gpu-") as folder:
        place = Path(folder)
        stage = Stage(TOY if options.dry_run else FULL, place, (options.models or place / "models").resolve())
        try:
            return _run(stage, options, end)
        finally:
            stage.close()


def _run(stage: Stage, options: argparse.Namespace, end: float) -> int:
    stage.deadline = end
    machine, missing = _machine(stage)
    results = Results(options.json, machine, dry_run=options.dry_run)
    print(
        f"{machine.get('device', missing)}; Python {machine['python']}, torch {machine.get('torch', '?')}", flush=True
    )
    for name in options.only:
        started = time.monotonic()
        # A CPU takes as long as it takes.
        stage.deadline = end if options.dry_run else min(end, started + SECTIONS[name].limit)
        print(f"({name}) runs ...", flush=True)
        try:
            if missing:
                raise BenchmarkFailed(missing)
            stage.remaining()
            found = SECTIONS[name].measure(stage)
        except (BenchmarkFailed, OSError, ValueError, LookupError, ArithmeticError) as error:
            results.fail(name, time.monotonic() - started, f"{type(error).__name__}: {error}")
            print(f"({name}) {NOT_MEASURED}: {error}", flush=True)
            continue
        results.add(name, time.monotonic() - started, found)
        _print(name, found, dry_run=options.dry_run)
    print(f"Everything is in {options.json}; exit status {results.status}.")
    return results.status


def _machine(stage: Stage) -> tuple[dict[str, Any], str]:
    """Return what the figures depend on besides the code, and why there is nothing to measure, if there is not."""
    facts: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cpus": len(os.sched_getaffinity(0)),
        "load_average": os.getloadavg(),
    }
    try:
        return {**facts, **stage.ask("describe")}, ""
    except (BenchmarkFailed, OSError) as error:
        # The last line is what the process ended with.
        reason = str(error).strip().splitlines()[-1]
        return facts, f"no GPU can be used here: {reason}"


def _print(name: str, found: Findings, *, dry_run: bool) -> None:
    for figure in found.figures:
        print(f"({name}) {_text(figure, dry_run=dry_run)}", flush=True)
    for line in [] if dry_run else found.lines:
        print(f"  {line}", flush=True)


def _text(figure: Figure, *, dry_run: bool) -> str:
    if dry_run or figure.value is None:
        return f"{figure.title}: {NOT_MEASURED}" + (f" ({figure.reason})" if figure.value is None else "")
    bound = f", bound {figure.bound}: {'holds' if figure.holds else 'FALLS SHORT'}" if figure.bound else ""
    return f"{figure.title}: {figure.value:.3f} {figure.unit}{bound}"


def _plain(figure: Figure) -> dict[str, Any]:
    bound = str(figure.bound) if figure.bound else None
    return {"title": figure.title, "value": figure.value, "unit": figure.unit, "bound": bound, "holds": figure.holds}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what the command line asks for; without `--json` a dry run is written elsewhere than figures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description="The studio on a large GPU.")
    parser.add_argument("--dry-run", action="store_true", help="go through all of it on the CPU, with toys")
    parser.add_argument("--only", type=_names, default=list(SECTIONS), help=f"of {','.join(SECTIONS)}")
    words = f"where to write ({_DEFAULT_JSON}, of a dry run {_DRY_RUN_JSON})"
    parser.add_argument("--json", type=Path, help=words)
    parser.add_argument("--seconds", type=float, default=570.0, help="when to stop, in the middle if need be (570)")
    parser.add_argument("--models", type=Path, help="keep the models there for the next run (some 45 GB with FLUX)")
    options = parser.parse_args(arguments)
    options.json = options.json or (_DRY_RUN_JSON if options.dry_run else _DEFAULT_JSON)
    return options


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    unknown = set(names) - set(SECTIONS)
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: not among {', '.join(SECTIONS)}")
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
