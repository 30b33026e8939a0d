"""Run the site beside other servers of models: `python -m benchmarks.peers [--only litserve,ray …]`.

`make bench-peers` makes their environment first; see docs/benchmarks.md.

Exit status: 0 when every bound holds, 1 when one does not, 2 when something could not be measured, 3 when there were
too few pairs, or too little was asked for, to judge by.
"""

import argparse
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks import report
from benchmarks.answers import Answers
from benchmarks.children import ROOT
from benchmarks.errors import BenchmarkFailed
from benchmarks.options import names_of, positive
from benchmarks.peers.contest import PEERS, measure, version_of
from benchmarks.site import Place, audit, own_place, serving
from benchmarks.turns import Load, SiteSide
from benchmarks.visitors import rich_visitors
from benchmarks.witness import Witness
from tests.processes import ServiceError

_DEFAULT_PYTHON = ROOT / "var" / "peers" / ".venv" / "bin" / "python"


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for, print it, write it; returns the exit status."""
    options = _parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    versions, failures = _versions(options.python, options.only)
    if not versions:
        return 2
    load = Load(options.jobs, options.visitors, options.steps, options.pairs)
    with own_place() as place:
        machine = report.describe_machine(place.database_url, " ".join(["python -m benchmarks.peers", *arguments]))
        machine["packages"] |= versions
        print(report.headline(machine), flush=True)
        answers = Answers(options.json, machine, failures)
        _measure(place, versions, load, options, answers)
        return answers.close(audit(place))


def _versions(python: Path, names: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the versions of those that are installed, and why the others are not."""
    versions: dict[str, str] = {}
    failures: dict[str, str] = {}
    for name in names:
        try:
            versions[name] = version_of(python, PEERS[name])
        except BenchmarkFailed as error:
            failures[name] = str(error)
            print(f"({name}) NOT MEASURED: {error}", flush=True)
    return versions, failures


def _measure(
    place: Place, versions: Mapping[str, str], load: Load, options: argparse.Namespace, answers: Answers
) -> None:
    """Start the site once, and one peer after the other beside it."""
    with serving(place, "peers", BATCH_SIZE_MAX=str(options.batch)) as site, closing(Witness(place, site)) as witness:
        side = SiteSide(site, rich_visitors(place, site, load.visitors), witness)
        for name, version in versions.items():
            print(f"{PEERS[name].name} {version}", flush=True)
            answers.measure(name, partial(measure, place, side, PEERS[name], load, options.python, options.batch))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description="The studio beside its peers.")
    parser.add_argument("--only", type=partial(names_of, known=PEERS), default=list(PEERS), help="such as litserve,ray")
    parser.add_argument("--python", type=Path, default=_DEFAULT_PYTHON, help=f"their Python ({_DEFAULT_PYTHON})")
    parser.add_argument("--json", type=Path, default=report.default_path("peers-"), help="where to write")
    parser.add_argument("--pairs", type=positive, default=7, help="turns of each side (7)")
    parser.add_argument("--jobs", type=positive, default=64, help="pictures in a turn (64)")
    parser.add_argument("--visitors", type=positive, default=4, help="people who send them at once (4)")
    parser.add_argument("--steps", type=positive, default=25, help="denoising steps of a picture (25)")
    parser.add_argument("--batch", type=positive, default=1, help="pictures that share a pass of the site's (1)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (ServiceError, BenchmarkFailed) as error:
        print(f"Nothing could be measured: {error}", file=sys.stderr)
        sys.exit(2)
    except Exception:  # noqa: BLE001  # Python's own status is 1, which says that a bound does not hold
        traceback.print_exc()
        sys.exit(2)
