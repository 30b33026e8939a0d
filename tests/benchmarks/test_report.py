"""What is printed and written: the verdict first, and no figure for what was not measured."""

import json
from pathlib import Path

from benchmarks import report
from benchmarks.comparison import Bound, Outcome


def test_the_first_line_is_the_verdict() -> None:
    ratios = [1.2, 1.1, 1.3, 1.2, 1.2, 1.2, 1.2]
    outcome = Outcome("a", "site ÷ bare", Bound(1.1, is_ceiling=True), ratios, 1.2, ["more"], {})
    first, second, *rest = report.text_of(outcome).splitlines()
    assert first == "(a) site ÷ bare: 1.200, bound at most 1.1: FALLS SHORT"
    assert "7 pairs: 1.200" in second
    assert "1.100 to 1.300" in second
    assert rest == ["  more"]


def test_too_few_pairs_claim_nothing() -> None:
    outcome = Outcome("a", "site ÷ bare", Bound(1.1, is_ceiling=True), [1.0], 1.0, [], {})
    first = report.text_of(outcome).splitlines()[0]
    assert first == "(a) site ÷ bare: 1.000, bound at most 1.1: too few pairs: not judged"


def test_json_holds_turns_and_failures(tmp_path: Path) -> None:
    outcome = Outcome(
        "a", "title", Bound(1.1, is_ceiling=True), [1.0] * 7, 1.0, [], {"rounds": [{"wall_seconds": 2.0}]}
    )
    path = tmp_path / "new" / "benchmarks.json"
    machine = {"cpus": 2, "measured_at": "2026-11-29T04:00:00+00:00"}
    shown = report.write(path, machine, [outcome], {"b": "the site did not answer"})
    body = json.loads(path.read_text())
    assert body["machine"].items() >= machine.items()
    assert len(body["machine"]["load_average_at_end"]) == 3
    assert shown == tmp_path / "new" / "benchmarks.html"
    assert "the site did not answer" in shown.read_text()
    assert body["benchmarks"]["a"]["holds"] is True
    assert body["benchmarks"]["a"]["details"]["rounds"] == [{"wall_seconds": 2.0}]
    assert body["failures"] == {"b": "the site did not answer"}
    assert "b" not in body["benchmarks"]
