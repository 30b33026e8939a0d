"""The page of what was measured: `python -m benchmarks.page RUN.json … [--to PAGE.html]`; of each benchmark the newest.

Everything stands in one file: no script, plots as SVG, light and dark. What belongs here is how it is shown; what a
benchmark says about itself comes from its run's JSON.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from benchmarks.comparison import Bound
from benchmarks.plots import Plot, number

NOT_MEASURED = "not measured"
_TEMPLATE = Path(__file__).with_name("page.html")
# What is compared, in plain words.
_WORDS = {
    "a": "64 pictures ordered at once, from the button to files, thumbnails and books, beside a program that only "
    "draws them with the same model (bare) and beside stock django-q2. One picture at a time.",
    "b": "The same with eight pictures drawn together; and somebody alone, with drawing together switched on and off.",
    "c": "How soon an idle worker begins with what is ordered, beside two bare processes and a PostgreSQL message "
    "(bare) and beside stock django-q2.",
    "d": "Requests of the API that are answered in a second, beside the least view that does the same work (bare) and "
    "one that answers a constant (barest). Then half of what POST can do is held for a minute.",
    "e": "A library of 25,000 pictures among a million of others' (site) and among ten thousand (bare): how long its "
    "pages take. Beside them the same rows from among a million by bare SQL (sql).",
    "f": "The monthly credits of a million wallets, beside one SQL statement for each 5,000 (bare).",
    "g": "Credits set aside and spent, beside two transactions of three statements (bare): on one wallet that "
    "everybody uses, on ten thousand, and a balance after a long history.",
    "h": "Pages in Chromium: Lighthouse's points, bytes of script, bytes of a second view, and thumbnails beside "
    "their PNG. A dot is a page or a picture.",
    "i": "Pictures that each have another LoRA than the one before, beside pictures that all have the same.",
}
_PEER = "Pictures ordered on the site, beside the same requests to a server of models."
_VERDICTS = {
    "holds": "good",
    "falls short": "bad",
    "too few pairs: not judged": "open",
    "smaller than asked: not judged": "open",
}


@dataclass(frozen=True)
class Section:
    """One benchmark as it is shown; `reason` is why there is nothing to show."""

    name: str
    title: str
    words: str
    verdict: str = NOT_MEASURED
    tone: str = "none"
    reason: str = ""
    plots: list[Plot] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    environment: list[tuple[str, str]] = field(default_factory=list)


def write(path: Path, runs: Iterable[Path]) -> None:
    """Write the page of these runs' JSON; of a benchmark that several have, the newest is shown."""
    bodies = sorted((json.loads(run.read_text()) for run in runs), key=lambda body: body["machine"]["measured_at"])
    found: dict[str, Section] = {name: Section(name, "", words) for name, words in _WORDS.items()}
    on_gpus = [body for body in bodies if "figures" in body and not body["dry_run"]]
    for body in bodies:
        if "figures" in body:
            continue
        environment = _environment(body["machine"])
        for name, outcome in body["benchmarks"].items():
            found[name] = _measured(name, outcome, environment)
        for name, reason in body["failures"].items():
            found[name] = Section(name, "", _words(name), reason=reason, environment=environment)
    found["gpu"] = (
        _gpu(on_gpus) if on_gpus else Section("gpu", "On a GPU", "Measured apart, on a machine that has one.")
    )
    template = Engine(autoescape=True).from_string(_TEMPLATE.read_text())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template.render(Context({"sections": list(found.values())})))


def _words(name: str) -> str:
    return _WORDS.get(name, "After everything, the books are gone over." if name == "ledger_audit" else _PEER)


def _measured(name: str, outcome: Mapping[str, Any], environment: list[tuple[str, str]]) -> Section:
    parts = outcome.get("parts") or [outcome]
    verdict = outcome["verdict"]
    sides = outcome.get("sides", {})
    return Section(
        name=name,
        title=outcome["title"],
        words=_words(name),
        verdict=verdict,
        tone=_VERDICTS.get(verdict, "none"),
        plots=[_plot(part, is_judged=outcome["holds"] is not None) for part in parts],
        columns=list(sides),
        rows=_rows(sides),
        lines=outcome["lines"],
        environment=environment,
    )


def _plot(part: Mapping[str, Any], *, is_judged: bool) -> Plot:
    bound = Bound(**part["bound"]) if part["bound"] else None
    verdict = "reported only" if bound is None else "not judged"
    if bound is not None and is_judged:
        verdict = "holds" if bound.holds(part["judged"]) else "falls short"
    return Plot(part["title"], bound, part["ratios"], part["judged"], verdict, _VERDICTS.get(verdict, "none"))


def _rows(sides: Mapping[str, Mapping[str, float | None]]) -> list[list[str]]:
    """Return a row for each figure, a column for each side: what a side does not have is a dash."""
    figures = dict.fromkeys(figure for values in sides.values() for figure in values)
    return [[figure, *(_cell(values, figure) for values in sides.values())] for figure in figures]


def _cell(values: Mapping[str, float | None], figure: str) -> str:
    if figure not in values:
        return "–"
    value = values[figure]
    return NOT_MEASURED if value is None else number(value)


def _gpu(bodies: Sequence[Mapping[str, Any]]) -> Section:
    """Return the figures of the GPU's benchmark, which has a form of its own.

    Of several runs, oldest first, each section's newest; where they ran on other machines, each is told.
    """
    newest = {name: (section, body) for body in bodies for name, section in body["sections"].items()}
    figures = {name: body["figures"][name] for section, body in newest.values() for name in section["figures"]}
    judged = [figure for figure in figures.values() if figure != NOT_MEASURED]
    is_whole = len(judged) == len(figures) and bool(judged)
    rows = [
        [name, NOT_MEASURED, ""] if figure == NOT_MEASURED else
        [figure["title"], f"{number(figure['value'])} {figure['unit']}",
         f"{figure['bound']}: {'holds' if figure['holds'] else 'falls short'}" if figure["bound"] else ""]
        for name, figure in figures.items()
    ]  # fmt: skip
    short = any(not figure["holds"] for figure in judged)
    verdict = "falls short" if short else "holds" if is_whole else NOT_MEASURED
    reasons = {section["failed"] for section, _ in newest.values() if section["failed"]}
    environment: dict[str, list[str]] = {}
    for body in bodies:
        if any(of is body for _, of in newest.values()):
            for name, value in _environment(body["machine"]):
                environment.setdefault(name, []).append(value)
    return Section(
        name="gpu",
        title="On a GPU",
        words="The studio's engine beside a bare loop over the same networks, and what the GPU can do at most.",
        verdict=verdict,
        tone=_VERDICTS.get(verdict, "none"),
        reason="; ".join(sorted(reasons)),
        columns=["measured", "bound"],
        rows=rows,
        environment=[(name, "; ".join(dict.fromkeys(values))) for name, values in environment.items()],
    )


def _environment(machine: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the figures depend on, by name; what a run did not write down is left out."""
    known = {
        "measured": machine["measured_at"].replace("T", " ").removesuffix("+00:00") + " UTC",
        "command": machine.get("command"),
        "commit": machine.get("commit"),
        "processor": machine.get("cpu"),
        "GPU": machine.get("device"),
        "cores": machine.get("cpus"),
        "memory": f"{machine['memory_bytes'] / 1e9:.0f} GB" if "memory_bytes" in machine else None,
        "load at the beginning": _load(machine.get("load_average")),
        "load at the end": _load(machine.get("load_average_at_end")),
        "Python": machine.get("python"),
        "PostgreSQL": ", ".join(f"{name} {value}" for name, value in machine.get("postgresql", {}).items()),
        "packages": ", ".join(f"{name} {version}" for name, version in machine.get("packages", {}).items()),
    }
    return [(name, str(value)) for name, value in known.items() if value]


def _load(averages: Sequence[float] | None) -> str:
    return " ".join(f"{average:.2f}" for average in averages or ())


def main(arguments: Sequence[str]) -> None:
    """Write one page of several runs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description="One page of several runs.")
    parser.add_argument("runs", type=Path, nargs="+", help="JSON of runs; the newest of each benchmark is shown")
    parser.add_argument("--to", type=Path, default=Path("var/benchmarks/index.html"), help="where to write")
    options = parser.parse_args(arguments)
    write(options.to, options.runs)
    print(f"The page is {options.to}.")


if __name__ == "__main__":
    main(sys.argv[1:])
