"""What a run has found so far, written anew after each benchmark: what ends one takes nothing from the others."""

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.comparison import Outcome, status_of
from benchmarks.errors import BenchmarkFailed


@dataclass
class Answers:
    """Outcomes, and why what has none could not be measured; `path` is where both are written."""

    path: Path
    machine: dict[str, Any]
    failures: dict[str, str] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    shown: Path | None = None

    def measure(self, name: str, benchmark: Callable[[], Outcome]) -> None:
        """Run one benchmark, print and write what it found. Whatever it raises is why it could not be measured."""
        print(f"({name}) runs ...", flush=True)
        try:
            self.outcomes.append(benchmark())
            print(report.text_of(self.outcomes[-1]), flush=True)
        except Exception as error:  # noqa: BLE001  # servers, children and browsers fail in ways of their own
            self.fail(name, error)
        self.write()

    def fail(self, name: str, error: Exception) -> None:
        """Note why something could not be measured; an error that nobody foresaw shows where it came from."""
        self.failures[name] = f"{type(error).__name__}: {error}"
        print(f"({name}) COULD NOT BE MEASURED: {self.failures[name]}", flush=True)
        if not isinstance(error, BenchmarkFailed):
            traceback.print_exception(error, file=sys.stderr)

    def write(self) -> None:
        """Write all that is known by now."""
        self.shown = report.write(self.path, self.machine, self.outcomes, self.failures)

    def close(self, audit: dict[str, str]) -> int:
        """Write the last time, with what the audit of the books says; returns the exit status."""
        self.failures |= audit
        self.write()
        print(f"Everything measured is in {self.path}; the page with plots is {self.shown}.")
        return status_of(self.outcomes, self.failures)
