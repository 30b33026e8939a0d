"""Run the long proofs of reliability, on the PostgreSQL of DATABASE_URL: `make reliability [ONLY=restore,ledger]`.

`ONLY=forms SIZE=5000` asks for another size: runs of the outages, requests of api and forms, minutes of soak,
rounds of points and slow, pictures of export; the others have one size.
`SEED=7` begins the dice of outages, points, slow, restore, kills, ledger, histories, api, forms and soak elsewhere;
each prints its seed. The others refuse one where ONLY names them.

docs/reliability.md says what each must show, and where its short form runs. Exit status: 0 when
all hold, 1 when one does not.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence

from tests.reliability.size import SEED_VARIABLE, VARIABLE
from tests.rules.tree import ROOT

PROOFS = {
    "outages": "tests/reliability/test_outages.py",
    "points": "tests/reliability/test_points.py",
    "slow": "tests/reliability/test_slow_worker.py",
    "restore": "tests/reliability/test_restore.py",
    "kills": "tests/concurrency/test_chaos.py",
    "trainings": "tests/flows/test_training_chaos.py",
    "keys": "tests/concurrency/test_idempotency.py",
    "credit": "tests/concurrency/test_last_credit.py",
    "ledger": "tests/billing/test_ledger_machine.py",
    "months": "tests/billing/test_grants.py",
    "sweep": "tests/billing/test_cycle_sweep.py",
    "histories": "tests/flows/test_event_histories.py",
    "messages": "tests/generation/api/test_courier.py",
    "api": "tests/generation/api/test_openapi.py",
    "forms": "tests/reliability/test_forms.py",
    "export": "tests/reliability/test_export.py",
    "soak": "tests/reliability/test_soak.py",
    "files": "tests/generation/test_picture_reading_hostile.py",
}
# Where a proof throws its dice, if that is another file.
DICE = {"kills": "tests/flows/chaos.py"}


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for, one after another; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability")
    parser.add_argument("--only", type=_names, help=", ".join(PROOFS))
    parser.add_argument("--size", type=int, help="of the one that is named: runs, requests or minutes")
    parser.add_argument("--seed", type=int, help="what the dice begin from")
    options = parser.parse_args(arguments)
    asked = options.only or []
    if options.size is not None:
        if len(asked) != 1:
            parser.error("a size is one proof's: name it with --only")
        if not reads_size(asked[0]):
            parser.error(f"{asked[0]} has one size alone")
        os.environ[VARIABLE] = str(options.size)
    if options.seed is not None:
        if fixed := [name for name in asked if not reads_seed(name)]:
            parser.error(f"{', '.join(fixed)}: one seed alone, or none")
        os.environ[SEED_VARIABLE] = str(options.seed)
    failed = [name for name in asked or PROOFS if not _holds(name)]
    at = "" if options.size is None else f" at the size of {options.size} that was asked for, whatever the usual one is"
    print(f"FAILED: {', '.join(failed)}" if failed else f"All of them hold{at}.")
    return 1 if failed else 0


def reads_size(name: str) -> bool:
    """Return whether a proof's long form has another size where one is asked for."""
    return re.search(r"\bsize\(\w", (ROOT / PROOFS[name]).read_text()) is not None


def reads_seed(name: str) -> bool:
    """Return whether a proof's dice begin elsewhere where that is asked for."""
    text = (ROOT / DICE.get(name, PROOFS[name])).read_text()
    return re.search(r"from tests\.reliability\.size import .*\bseed\b|\bsize\.seed\b", text) is not None


def _holds(name: str) -> bool:
    print(f"--- {name}: {PROOFS[name]}", flush=True)
    command = [sys.executable, "-m", "pytest", "-n", "2", "-m", "long", "--durations=5"]
    # They last longer than a test that hangs: a dump of the stacks meanwhile once took the process along.
    command += ["-o", "faulthandler_timeout=0", PROOFS[name]]
    # What a proof that holds has counted is in its warnings: print them, and no more of its log.
    command += ["-rP", "--show-capture=log", "--log-level=WARNING"]
    # A run without a test is none: pytest's status is 5 then.
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if unknown := set(names) - set(PROOFS):
        raise argparse.ArgumentTypeError(f"{sorted(unknown)} are not there: {', '.join(PROOFS)} are")
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
