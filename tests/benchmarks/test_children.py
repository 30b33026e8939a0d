"""Questions and answers over a pipe, and what happens when the other end does not play."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks.children import Child
from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    environment = Place("postgresql://nowhere/none", tmp_path).environment()
    with Child("tests.benchmarks.echo", environment, tmp_path / "log") as child:
        assert child.hear(60) == {"ready": True}
        yield child


def test_a_question_is_answered_and_prints_go_to_the_log(child: Child, tmp_path: Path) -> None:
    assert child.ask(60, number=1)["heard"] == {"number": 1}
    assert child.ask(60, number=2)["heard"] == {"number": 2}
    assert child.ask(60)["heard"] == {}
    with pytest.raises(BenchmarkFailed, match=r"ended with 7(.|\n)*a library that prints"):
        child.ask(60, end=True)


def test_an_error_is_the_askers_too_and_the_child_goes_on(child: Child) -> None:
    with pytest.raises(BenchmarkFailed, match="ValueError: told to"):
        child.ask(60, fail=True)
    assert child.ask(60)["heard"] == {}


def test_silence_is_an_error(child: Child) -> None:
    with pytest.raises(BenchmarkFailed, match="did not answer"):
        child.hear(0.05)


def test_the_child_ends_with_the_block(tmp_path: Path) -> None:
    environment = Place("postgresql://nowhere/none", tmp_path).environment()
    with Child("tests.benchmarks.echo", environment, tmp_path / "log") as child:
        child.hear(60)
        pid = child.ask(60)["pid"]
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)
