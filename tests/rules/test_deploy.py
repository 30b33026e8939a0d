"""docs/deploy/ starts what the Procfile starts, and systemd can read its units."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.rules import tree

FOLDER = tree.ROOT / "docs" / "deploy"
UNITS = sorted(FOLDER.glob("*.service"))
# Those that are started once and run on; a timer starts the others.
SERVERS = [unit for unit in UNITS if "Type=oneshot" not in unit.read_text()]


def commands_of_the_procfile() -> dict[str, str]:
    """Return process → command, without what only one machine needs."""
    lines = (line.split(": ", 1) for line in (tree.ROOT / "Procfile").read_text().splitlines())
    return {name: re.sub(r"\b[A-Z_]+=\S+ |\.venv/bin/", "", command) for name, command in lines if name != "address"}


def commands_of_units() -> set[str]:
    found = set()
    for unit in SERVERS:
        (command,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(), flags=re.MULTILINE)
        instances = ("default", "gpu", "training") if "%i" in command else ("",)
        found |= {command.replace("/srv/getimg/.venv/bin/", "").replace("%i", name) for name in instances}
    return found


def test_units_start_what_the_procfile_starts() -> None:
    assert commands_of_units() == set(commands_of_the_procfile().values())


def test_what_a_timer_starts_are_commands_with_options_that_there_are() -> None:
    found = []
    for unit in UNITS:
        if unit not in SERVERS:
            found += re.findall(r"^ExecStart=\S+ manage\.py (\S+) ?(.*)$", unit.read_text(), flags=re.MULTILINE)
    assert [name for name, _ in found] == ["backup", "ledger_audit"]
    for name, arguments in found:
        load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(arguments.split())


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_are_whole(unit: Path, tmp_path: Path) -> None:
    if not (verify := shutil.which("systemd-analyze")):
        pytest.skip("systemd is not on this machine")
    name = unit.name.replace("@", "@gpu")
    # Commands that are on every machine stand for the site's own.
    text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
    (tmp_path / name).write_text(text)
    units = [tmp_path / name]
    if unit not in SERVERS:
        units.append(tmp_path / unit.with_suffix(".timer").name)
        units[-1].write_text(unit.with_suffix(".timer").read_text())

    done = subprocess.run([verify, "verify", *units], capture_output=True, text=True, timeout=60, check=False)

    assert done.stderr == ""


def test_the_container_runs_each_process_by_its_name() -> None:
    start = (FOLDER / "start").read_text()

    subprocess.run(["sh", "-n", FOLDER / "start"], check=True)
    assert commands_of_the_procfile()["web"] in start.replace(".venv/bin/", "")
