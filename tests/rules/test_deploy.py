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
        (line,) = re.findall(r"^ExecStart=/usr/bin/env (.*)$", unit.read_text(), flags=re.MULTILINE)
        command = re.sub(r"\b[A-Z_]+=\S+ |\.venv/bin/", "", line)
        instances = ("default", "gpu", "training") if "%i" in command else ("",)
        found |= {command.replace("%i", name) for name in instances}
    return found


def test_units_start_what_the_procfile_starts() -> None:
    assert commands_of_units() == set(commands_of_the_procfile().values())


def test_what_a_timer_starts_are_commands_with_options_that_there_are() -> None:
    found = []
    for unit in UNITS:
        if unit not in SERVERS:
            found += re.findall(r"^ExecStart=.* manage\.py (\S+) ?(.*)$", unit.read_text(), flags=re.MULTILINE)
    assert [name for name, _ in found] == ["backup", "ledger_audit"]
    for name, arguments in found:
        load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(arguments.split())


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_in_the_current_release_and_finds_its_folder_made(unit: Path) -> None:
    found = dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(), flags=re.MULTILINE))

    assert found["WorkingDirectory"] == "/srv/getimg/current"
    # By the link, a process that is begun anew would load a new release's packages and an old one's code.
    assert "/srv/" not in found["ExecStart"]
    # A folder in ReadWritePaths that is not there keeps a unit from starting.
    assert found["ReadWritePaths"].removeprefix("/var/lib/") in found["StateDirectory"].split()


def test_web_counts_as_started_once_a_reload_would_not_end_it() -> None:
    text = (FOLDER / "getimg-web.service").read_text()

    # SIGHUP ends a gunicorn that has not begun to listen; it tells systemd when it has.
    assert "ExecReload=/bin/kill -HUP $MAINPID" in text
    assert "Type=notify" in text.splitlines()


def test_each_gpu_has_a_folder_that_the_settings_file_does_not_take_away() -> None:
    text = (FOLDER / "getimg-gpu@.service").read_text()

    # EnvironmentFile goes before Environment; what the command itself is given goes before both.
    assert "EnvironmentFile=/etc/getimg.env" in text
    assert "Environment=DATA_DIR" not in text
    assert "DATA_DIR=/var/lib/getimg-gpu%i CUDA_VISIBLE_DEVICES=%i " in text


def test_commands_by_hand_have_the_units_settings_and_their_arguments_whole(tmp_path: Path) -> None:
    stand_in = tmp_path / "systemd-run"
    stand_in.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    stand_in.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "RELEASE": "/srv/getimg/releases/2", "SUDO_USER": "ada"}
    command = [str(FOLDER / "getimg-manage"), "grant_credits", "a b", "--reason", "$5 & <y> of ${HOME}"]

    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    )

    given = done.stdout.splitlines()
    # systemd puts variables into what it starts; of a doubled $ it makes one.
    assert given[-5:] == ["manage.py", *command[1:-1], "$$5 & <y> of $${HOME}"]
    wanted = {"--pipe", "--wait", "--uid=getimg", "--setenv=LOGNAME=ada", "EnvironmentFile=/etc/getimg.env"}
    assert wanted | {"WorkingDirectory=/srv/getimg/releases/2"} <= set(given)


def test_the_handbook_names_commands_units_and_settings_that_there_are() -> None:
    text = (tree.ROOT / "docs" / "operations.md").read_text()
    commands = set(re.findall(r"getimg-manage (\w+)", text))
    units = set(re.findall(r"getimg(?:-(?:web|events|backup|gpu))?@?\.(?:service|timer)", text))
    sections = re.split(r"^## ", text, flags=re.MULTILINE)
    steps = "".join(each for each in sections if each.startswith(("One host, for customers", "More hosts")))
    settings = set(re.findall(r"^ {3}([A-Z0-9_]+)=", steps, flags=re.MULTILINE))

    assert commands > {"migrate", "createsuperuser", "backup"}
    assert commands <= set(get_commands())
    assert {name for name in units if not (FOLDER / name).exists()} == set()
    assert settings > {"DATABASE_URL", "DATA_DIR", "S3_ENDPOINT_URL"}
    assert settings <= tree.variables_read()
    # A shell breaks at values that systemd takes as they stand.
    assert not re.search(r"(?:\.|source) /etc/getimg\.env", text)


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


def test_the_image_has_what_commands_call_and_shows_both_ports() -> None:
    text = (FOLDER / "Containerfile").read_text()

    assert {"make", "postgresql-client", "g++"} <= set(text.split())
    assert "EXPOSE 8000 8001" in text
    # pip's cache would stay in the layer; without a first process, what a killed cluster leaves is never cleared away.
    assert "RUN PIP_NO_CACHE_DIR=1 make install" in text
    assert 'ENTRYPOINT ["/usr/bin/tini", "--", "docs/deploy/start"]' in text


def test_the_image_takes_nothing_that_git_leaves_alone() -> None:
    kept_out = set((tree.ROOT / ".dockerignore").read_text().split())
    ignored = (tree.ROOT / ".gitignore").read_text().split()

    # `x/` there is a folder at any depth; here that is `**/x`, or `**/.*_cache` for all of its kind.
    wanted = {f"**/{line.rstrip('/')}" for line in ignored}
    assert {line for line in wanted if not line.endswith("_cache")} - kept_out == set()
    assert {".git", "**/.*_cache", "**/*.env"} <= kept_out


def test_the_handbook_installs_what_compiling_needs() -> None:
    text = (tree.ROOT / "docs" / "operations.md").read_text()
    packages = re.search(r"^ +apt install (.*redis-server.*)$", text, flags=re.MULTILINE)

    # torch's compiler writes C++ that includes Python.h; gcc alone has every model drawn as it is.
    assert packages
    assert {"g++", "python3-dev"} <= set(packages[1].split())


def test_the_container_runs_each_process_by_its_name() -> None:
    start = (FOLDER / "start").read_text()

    subprocess.run(["sh", "-n", FOLDER / "start"], check=True)
    assert commands_of_the_procfile()["web"] in start.replace(".venv/bin/", "")
