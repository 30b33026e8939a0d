"""`make audit` says what is known of the pinned packages, and never calls sound what it could not look up."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.rules.tree import ROOT

HOLE = {"id": "PYSEC-1", "fix_versions": ["5.2.1"], "aliases": [], "description": ""}
SOUND = {"name": "pillow", "version": "12", "vulns": []}
BAD = {"name": "django", "version": "5.2", "vulns": [HOLE]}
SKIPPED = {"name": "torch", "skip_reason": "Dependency not found on PyPI"}


def audited(tmp_path: Path, told: str, stderr: str = "", code: int = 0) -> tuple[int, str]:
    """Run the script with a pip-audit that says this."""
    (tmp_path / "told").write_text(told)
    (tmp_path / "stderr").write_text(stderr)
    stand_in = tmp_path / "pip-audit"
    stand_in.write_text(f"#!/bin/sh\ncat {tmp_path}/told\ncat {tmp_path}/stderr >&2\nexit {code}\n")
    stand_in.chmod(0o755)
    environment = {**os.environ, "PIP_AUDIT": str(stand_in)}
    done = subprocess.run([ROOT / ".ci" / "audit"], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        ([SOUND], 0, "1 packages looked up, 0 known holes."),
        ([SOUND, BAD], 1, "django 5.2: PYSEC-1, mended in 5.2.1"),
        ([SOUND, SKIPPED], 0, "not measured: torch"),
        ([SKIPPED], 0, "not measured: no advisories for any of 1 packages: Dependency not found on PyPI"),
    ],
)
def test_what_is_known_is_said(tmp_path: Path, packages: list[dict[str, object]], code: int, words: str) -> None:
    found, text = audited(tmp_path, json.dumps({"dependencies": packages, "fixes": []}), code=code)

    assert (found, words in text) == (code, True), text


def test_advisories_that_cannot_be_reached_are_not_measured(tmp_path: Path) -> None:
    found, text = audited(tmp_path, "", "ERROR:pip_audit._cli:ConnectionError: Max retries exceeded", code=1)

    assert (found, text.startswith("not measured: the advisories could not be reached: ERROR")) == (0, True), text


def test_an_audit_that_fails_by_itself_is_no_success(tmp_path: Path) -> None:
    assert audited(tmp_path, "", "error: unrecognized arguments", code=2)[0] == 2


def test_without_an_environment_nothing_is_measured_and_no_hole_is_told(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "audit", tmp_path / ".ci" / "audit")
    (tmp_path / ".ci" / "make-venv").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / ".ci" / "make-venv").chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "PIP_AUDIT"}

    command = [tmp_path / ".ci" / "audit"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "not measured: no environment for pip-audit: make-venv ended with 1\n")


def test_make_has_it() -> None:
    planned = subprocess.run(["make", "-n", "audit"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ".ci/audit" in planned.stdout
