"""docs/deploy/ starts what the Procfile starts, and systemd can read its units."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.rules import tree

FOLDER = tree.ROOT / "docs" / "deploy"
UNITS = sorted(FOLDER.glob("*.service"))


def commands_of_the_procfile() -> dict[str, str]:
    """Return process → command, without what only one machine needs."""
    lines = (line.split(": ", 1) for line in (tree.ROOT / "Procfile").read_text().splitlines())
    return {name: re.sub(r"\b[A-Z_]+=\S+ |\.venv/bin/", "", command) for name, command in lines if name != "address"}


def commands_of_units() -> set[str]:
    found = set()
    for unit in UNITS:
        (command,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(), flags=re.MULTILINE)
        instances = ("default", "gpu", "training") if "%i" in command else ("",)
        found |= {command.replace("/srv/getimg/.venv/bin/", "").replace("%i", name) for name in instances}
    return found


def test_units_start_what_the_procfile_starts() -> None:
    assert commands_of_units() == set(commands_of_the_procfile().values())


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_are_whole(unit: Path, tmp_path: Path) -> None:
    if not (verify := shutil.which("systemd-analyze")):
        pytest.skip("systemd is not on this machine")
    name = unit.name.replace("@", "@gpu")
    # Commands that are on every machine stand for the site's own.
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
    (tmp_path / name).write_text(text)

    done = subprocess.run([verify, "verify", tmp_path / name], capture_output=True, text=True, timeout=60, check=False)

    assert done.stderr == ""


def test_the_container_runs_each_process_by_its_name() -> None:
    start = (FOLDER / "start").read_text()

    subprocess.run(["sh", "-n", FOLDER / "start"], check=True)
    assert commands_of_the_procfile()["web"] in start.replace(".venv/bin/", "")
