"""What long-lived processes take, measured now and then, and whether it grows."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

import psutil

Members = Callable[[], Mapping[str, list[psutil.Process]]]

# What may lie between the settled first sixth and the last, by median.
GROWTH_MAX = 0.05
# Files and connections come and go with requests: so many more are no trend.
_MORE_MAX = 2


@dataclass
class Series:
    """Measurements of one thing, and when: (seconds, value)."""

    unit: str
    values: list[tuple[float, float]] = field(default_factory=list)

    def ends(self) -> tuple[float, float]:
        """Return the medians of the settled first sixth and of the last; the sixth before is for warming up."""
        begin, end = self.values[0][0], self.values[-1][0]
        sixth = (end - begin) / 6
        first = [value for at, value in self.values if begin + sixth <= at <= begin + 2 * sixth]
        last = [value for at, value in self.values if at >= end - sixth]
        return median(first), median(last)


@dataclass
class Gauges:
    """Measures the members of each part, and anything else that is given as a function."""

    parts: Mapping[str, Members]
    others: Mapping[str, Callable[[], float]]
    series: dict[str, Series] = field(default_factory=dict)

    def measure(self, at: float) -> None:
        """Take one measurement of everything; a process that is just being replaced is left out."""
        for part, members in self.parts.items():
            for role, processes in members().items():
                for name, unit, value in _of(processes):
                    self._keep(f"{part} {role}: {name}", unit, at, value)
        for name, ask in self.others.items():
            self._keep(name, "", at, ask())

    def findings(self) -> Iterator[str]:
        """Yield what has grown."""
        for name, series in self.series.items():
            first, last = series.ends()
            bound = first * (1 + GROWTH_MAX)
            if last > (bound if series.unit == "bytes" else max(bound, first + _MORE_MAX)):
                yield f"{name} grew from {first:,.0f} to {last:,.0f} {series.unit}".rstrip()

    def table(self) -> list[str]:
        """Return a line for each thing, the settled beginning beside the end."""
        rows = []
        for name, series in sorted(self.series.items()):
            first, last = series.ends()
            rows.append(f"{name:40} {first:14,.0f} {last:14,.0f} {last / first - 1 if first else 0:+7.1%}")
        return rows

    def write(self, path: Path, **facts: object) -> None:
        """Write every measurement as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        series = {name: asdict(found) for name, found in self.series.items()}
        path.write_text(json.dumps({**facts, "series": series}, indent=1, default=str))

    def _keep(self, name: str, unit: str, at: float, value: float) -> None:
        self.series.setdefault(name, Series(unit)).values.append((at, value))


def _of(processes: list[psutil.Process]) -> Iterator[tuple[str, str, float]]:
    """Yield the mean of what processes of one role take: their number may change, if they are replaced."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for process in processes:
        try:
            with process.oneshot():
                taken = {("memory", "bytes"): process.memory_info().rss, ("files", ""): process.num_fds()}
        except psutil.NoSuchProcess:
            continue
        for key, value in taken.items():
            found[key].append(value)
    for (name, unit), values in found.items():
        yield name, unit, sum(values) / len(values)
