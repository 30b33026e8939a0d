"""Show the studio on several hosts and print what was measured: `make hosts`, or python -m tests.hosts [JSON].

The figures are written to the file that is named (default: var/reliability/hosts.json). Exit status: 0 when all holds;
1 when something does not, or could not be measured.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.hosts.network import NetworkRefused, network
from tests.rules.tree import ROOT


def main(path: Path) -> int:
    """Run the tests of the hosts; returns the exit status."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        with network() as switch:
            switch.add("probe")
    except NetworkRefused as error:
        print(f"not measured: network namespaces are not to be had here: {error}")
        return 1
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "0",
        "-m",
        "long",
        "-o",
        "faulthandler_timeout=0",
        "--durations=5",
        "tests/hosts",
    ]
    status = subprocess.run(command, cwd=ROOT, env={**os.environ, "HOSTS_JSON": str(path)}, check=False).returncode
    figures = json.loads(path.read_text()) if path.exists() else {}
    for name, value in figures.items():
        print(f"{name}: {value}")
    if not figures:
        print("not measured")
    return 0 if figures and status == 0 else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/reliability/hosts.json").resolve()))
