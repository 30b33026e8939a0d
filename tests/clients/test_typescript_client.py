"""The TypeScript client: it compiles strictly, and passes its own tests under Node."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.debian import find_binary
from tests.rules.tree import ROOT

SOURCE = ROOT / "clients" / "typescript"


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_client_compiles_and_passes_its_tests(tmp_path: Path) -> None:
    node, npm = find_binary("node", package="nodejs"), find_binary("npm", package="npm")
    folder = tmp_path / "client"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("node_modules", "dist"))
    run(folder, npm, "ci", "--no-audit", "--no-fund", f"--cache={os.environ['DATA_DIR']}/npm")
    run(folder, npm, "run", "build")
    assert (folder / "dist" / "index.d.ts").is_file()
    # The second time as Node 18 does it: Web Crypto is no global there.
    for options in ((), ("--no-experimental-global-webcrypto",)):
        told = run(folder, node, *options, "--test", "test/")
        assert "# fail 0" in told
        assert "# pass 0" not in told
