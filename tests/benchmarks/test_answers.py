"""Whatever ends one benchmark is its reason, and what the others found is written by then."""

import json
import subprocess
from pathlib import Path

import psycopg
import pytest

from benchmarks.answers import Answers
from benchmarks.comparison import Bound, Outcome
from benchmarks.errors import BenchmarkFailed

NOT_MEASURED = 2


def held(name: str) -> Outcome:
    return Outcome(name, "site ÷ bare", Bound(1.1, is_ceiling=True), [1.0] * 7, 1.0, [], {})


def answers_in(folder: Path) -> Answers:
    return Answers(folder / "run.json", {"measured_at": "2026-11-29T04:00:00+00:00"})


@pytest.mark.parametrize(
    "error",
    [
        subprocess.TimeoutExpired("manage.py", 600),
        subprocess.CalledProcessError(1, "manage.py"),
        psycopg.OperationalError("the server closed the connection"),
        TypeError("an answer without a key"),
        OSError("no room left"),
        BenchmarkFailed("422"),
    ],
)
def test_whatever_ends_a_benchmark_is_its_reason_and_the_others_go_on(tmp_path: Path, error: Exception) -> None:
    def broken() -> Outcome:
        raise error

    answers = answers_in(tmp_path)
    answers.measure("a", lambda: held("a"))
    answers.measure("b", broken)
    answers.measure("c", lambda: held("c"))
    assert answers.close({}) == NOT_MEASURED
    body = json.loads(answers.path.read_text())
    assert list(body["benchmarks"]) == ["a", "c"]
    assert body["failures"] == {"b": f"{type(error).__name__}: {error}"}


def test_each_benchmark_is_written_before_the_next_begins(tmp_path: Path) -> None:
    answers = answers_in(tmp_path)
    answers.measure("a", lambda: held("a"))

    def stopped() -> Outcome:
        assert list(json.loads(answers.path.read_text())["benchmarks"]) == ["a"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answers.measure("b", stopped)
    assert list(json.loads(answers.path.read_text())["benchmarks"]) == ["a"]


def test_wrong_books_are_a_failure(tmp_path: Path) -> None:
    answers = answers_in(tmp_path)
    answers.measure("a", lambda: held("a"))
    assert answers.close({"ledger_audit": "a line too many"}) == NOT_MEASURED
    assert json.loads(answers.path.read_text())["failures"] == {"ledger_audit": "a line too many"}
