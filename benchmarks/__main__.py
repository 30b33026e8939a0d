"""Run the benchmarks: `python -m benchmarks [--only a,b …] [--json PATH] [--pairs 7]`; see docs/benchmarks.md.

Exit status: 0 when every bound holds, 1 when one does not, 2 when something could not be measured, 3 when there were
too few pairs, or too little was asked for, to judge by.
"""

import argparse
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks import browsing, granting, holding, pages, report, requesting, starting, swapping, throughput
from benchmarks.answers import Answers
from benchmarks.browsing import Shelf
from benchmarks.comparison import Outcome
from benchmarks.errors import BenchmarkFailed
from benchmarks.granting import Crowd
from benchmarks.holding import Till
from benchmarks.options import names_of, positive
from benchmarks.requesting import Rush
from benchmarks.site import Place, audit, own_place
from benchmarks.starting import Pace
from benchmarks.swapping import Swaps
from benchmarks.turns import Load
from tests.processes import ServiceError

_NAMES = "abcdefghi"


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for, print it, write it; returns the exit status."""
    options = _parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    load = Load(options.jobs, options.visitors, options.steps, options.pairs)
    pace = Pace(options.samples, min(options.pairs, options.samples), options.burst, options.visitors)
    rush = Rush(options.seconds, options.pairs, options.hold_seconds, options.accounts)
    crowd = Crowd(options.wallets, options.pairs)
    till = Till(options.tills, options.till_seconds, options.lines, options.pairs)
    shelf = Shelf(options.own, options.few, options.many, options.page_samples, options.pairs)
    swaps = Swaps(options.pictures, options.lora_steps, options.pairs)
    benchmarks: dict[str, Callable[[Place], Outcome]] = {
        "a": lambda place: throughput.measure_single(place, load),
        "b": lambda place: throughput.measure_batched(place, load),
        "c": lambda place: starting.measure(place, pace),
        "d": lambda place: requesting.measure(place, rush),
        "e": lambda place: browsing.measure(place, shelf),
        "f": lambda place: granting.measure(place, crowd),
        "g": lambda place: holding.measure(place, till),
        "h": pages.measure,
        "i": lambda place: swapping.measure(place, swaps),
    }
    with own_place() as place:
        machine = report.describe_machine(place.database_url, " ".join(["python -m benchmarks", *arguments]))
        print(report.headline(machine), flush=True)
        answers = Answers(options.json, machine)
        for name in options.only:
            answers.measure(name, partial(benchmarks[name], place))
        return answers.close(audit(place))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The studio beside the bare minimum.")
    parser.add_argument("--only", type=partial(names_of, known=_NAMES), default=list(_NAMES), help="such as a,c")
    parser.add_argument("--json", type=Path, default=report.default_path(), help="where to write")
    parser.add_argument("--pairs", type=positive, default=7, help="turns of each side (7)")
    parser.add_argument("--jobs", type=positive, default=64, help="a, b: runs in a turn (64)")
    parser.add_argument("--visitors", type=positive, default=4, help="a, b, c: people who send them at once (4)")
    parser.add_argument("--steps", type=positive, default=25, help="a, b: denoising steps of a picture (25)")
    parser.add_argument("--samples", type=positive, default=140, help="c: starts measured on each side (140)")
    parser.add_argument("--burst", type=positive, default=200, help="c: runs sent at once to the no-op engine (200)")
    parser.add_argument("--seconds", type=positive, default=5, help="d: how long a turn of requests lasts (5)")
    parser.add_argument("--hold-seconds", type=positive, default=60, help="d: how long half the rate is held (60)")
    parser.add_argument("--accounts", type=positive, default=12, help="d: accounts that POSTs come from (12)")
    parser.add_argument("--own", type=positive, default=25_000, help="e: pictures of the person (25,000)")
    parser.add_argument("--few", type=positive, default=10_000, help="e: pictures of others on the small side (10,000)")
    parser.add_argument("--many", type=positive, default=1_000_000, help="e: and on the large side (1,000,000)")
    parser.add_argument("--page-samples", type=positive, default=40, help="e: pages of each kind in a turn (40)")
    parser.add_argument("--wallets", type=positive, default=1_000_000, help="f: wallets of each side (1,000,000)")
    parser.add_argument("--tills", type=positive, default=10_000, help="g: wallets that are not the hot one (10,000)")
    parser.add_argument("--till-seconds", type=positive, default=4, help="g: how long each half of a turn lasts (4)")
    parser.add_argument("--lines", type=positive, default=1_000_000, help="g: lines of the long history (1,000,000)")
    parser.add_argument("--pictures", type=positive, default=8, help="i: pictures in a turn (8)")
    parser.add_argument("--lora-steps", type=positive, default=25, help="i: denoising steps of a picture (25)")
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
