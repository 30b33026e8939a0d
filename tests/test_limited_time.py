"""A run of limited time begins no test too late, says so, and leaves others out with the next commit."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.tree import ROOT

SLOW = "import time\n\ndef test_slow():\n    time.sleep(0.6)\n"
FAST = "def test_fast():\n    pass\n"


def run(folder: Path, *arguments: str) -> str:
    """Run the tests of a folder; return what was printed."""
    return begun("-v", "-rs", "--rootdir", folder, "-p", "no:cacheprovider", *arguments, folder).stdout


def begun(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run pytest with that plugin alone, and none of this project's settings."""
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", *arguments]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "tests.limited_time"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of a slow file and ten fast ones, found after it."""
    (tmp_path / "test_a.py").write_text(SLOW)
    for name in "bcdefghijk":
        (tmp_path / f"test_{name}.py").write_text(FAST)
    return tmp_path


def test_what_begins_too_late_is_left_out_and_said(folder: Path) -> None:
    printed = run(folder, "--minutes", "0.005")
    assert "1 passed, 10 skipped" in printed
    assert "left out: the 0.005 minutes are over" in printed


def test_all_is_run_without_a_limit(folder: Path) -> None:
    assert "11 passed" in run(folder)


def test_the_order_of_files_is_the_words(folder: Path) -> None:
    orders = [re.findall(r"test_(\w)\.py::", run(folder, "--order-by", word)) for word in ("one", "one", "two")]
    assert orders[0] == orders[1] != orders[2]
    assert all(sorted(order) == list("abcdefghijk") for order in orders)


def test_minutes_are_no_less_than_none(folder: Path) -> None:
    refused = begun("--minutes", "-1", folder)
    assert refused.returncode == 4
    assert "--minutes" in refused.stderr
    assert "-1" in refused.stderr
