"""The page of several runs: what was judged, the newest of each, and no figure for what was not measured."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import page, report
from benchmarks.comparison import Bound, Outcome, Part
from benchmarks.plots import Plot, number

BOUND = Bound(1.05, is_ceiling=True)
SINGLE = Outcome(
    "a", "64 runs <fast>", BOUND, [1.0, 1.02, 1.01, 1.1, 1.03, 1.04, 1.0], 1.02, ["wall (median): site 29.60 s"], {}
)
STARTS = replace(
    SINGLE,
    name="c",
    title="starts",
    parts=[Part.of("p50 ÷ raw", Bound(3.0, is_ceiling=True), [7.9] * 7), Part.of("÷ stock", None, [0.2] * 7)],
    sides={"site": {"p50, ms": 15.125, "CPU, ms": 37.6}, "bare": {"p50, ms": 1.9, "CPU, ms": None}, "stock": {}},
)


def run(folder: Path, hour: int, outcomes: list[Outcome], failures: dict[str, str] | None = None) -> Path:
    machine: dict[str, Any] = {"measured_at": f"2026-11-29T{hour:02}:00:00+00:00", "cpu": f"EPYC number {hour}"}
    path = folder / f"{hour}.json"
    report.write(path, machine, outcomes, failures or {})
    return path


def section(shown: str, name: str) -> str:
    (found,) = re.findall(rf'<section class="card" id="{name}">.*?</section>', shown, flags=re.DOTALL)
    return str(found)


def page_of(tmp_path: Path, *runs: Path) -> str:
    path = tmp_path / "shown" / "index.html"
    page.write(path, runs)
    return path.read_text()


def test_each_pair_is_a_dot_beside_the_bound(tmp_path: Path) -> None:
    shown = section(page_of(tmp_path, run(tmp_path, 4, [SINGLE])), "a")
    assert shown.count("<circle") == 7
    assert "bound: at most 1.05" in shown
    assert "middle half 1.005 to 1.035, all 1.000 to 1.100, 7 dots" in shown
    assert "64 runs &lt;fast&gt;" in shown
    assert "EPYC number 4" in shown
    assert ">holds<" in shown


def test_each_judged_ratio_has_its_own_bound_and_what_was_not_measured_says_so(tmp_path: Path) -> None:
    shown = section(page_of(tmp_path, run(tmp_path, 4, [STARTS])), "c")
    assert shown.count("<svg") == 2
    assert 'p50 ÷ raw: 7.900</span> <span class="mark bad">falls short<' in shown
    assert '÷ stock: 0.200</span> <span class="mark none">reported only<' in shown
    assert "<td>CPU, ms</td><td>37.60</td><td>not measured</td><td>–</td>" in shown


def test_several_runs_make_one_page_with_the_newest_of_each(tmp_path: Path) -> None:
    newest = run(tmp_path, 9, [replace(SINGLE, title="the newest")])
    runs = [newest, run(tmp_path, 4, [SINGLE, STARTS]), run(tmp_path, 5, [], {"b": "the site did not answer"})]
    shown = page_of(tmp_path, *runs)
    assert "the newest" in section(shown, "a")
    assert "EPYC number 9" in section(shown, "a")
    assert "EPYC number 4" in section(shown, "c")
    assert "Not measured: the site did not answer" in section(shown, "b")
    for name in "bdefghi":
        assert ">not measured<" in section(shown, name)
        assert "<svg" not in section(shown, name)


def test_too_few_pairs_are_shown_without_a_verdict(tmp_path: Path) -> None:
    few = replace(SINGLE, ratios=[1.0], parts=[Part.of("wall", BOUND, [1.0])])
    shown = section(page_of(tmp_path, run(tmp_path, 4, [few])), "a")
    assert "too few pairs: not judged" in shown
    assert ">holds<" not in shown


def test_a_folder_of_runs_has_one_page(tmp_path: Path) -> None:
    folder = tmp_path / report.RUNS
    run(folder, 4, [SINGLE])
    run(folder, 5, [STARTS])
    shown = (folder / "index.html").read_text()
    assert shown.count("<circle") == 7 + 14


def gpu_run(
    folder: Path, hour: int, section: str, value: float | None, *, dry_run: bool = False, reason: str = ""
) -> Path:
    figure = {"title": f"{section} ÷ bare", "value": value, "unit": "×", "bound": "at least 0.97", "holds": True}
    body = {
        "machine": {"measured_at": f"2026-11-29T{hour:02}:00:00+00:00", "device": f"GPU number {hour}"},
        "dry_run": dry_run,
        "figures": {section: figure if value else "not measured"},
        "sections": {section: {"failed": reason, "figures": [section], "missing": {}}},
    }
    path = folder / f"gpu-{hour}.json"
    path.write_text(json.dumps(body))
    return path


def test_of_several_runs_on_a_gpu_each_section_is_shown_and_no_dry_run(tmp_path: Path) -> None:
    runs = [
        gpu_run(tmp_path, 2, "worker", 0.91),
        gpu_run(tmp_path, 4, "worker", 0.98),
        gpu_run(tmp_path, 5, "flux", 0.99),
        gpu_run(tmp_path, 6, "worker", None, dry_run=True),
    ]
    shown = section(page_of(tmp_path, *runs), "gpu")
    assert "<td>worker ÷ bare</td><td>0.980 ×</td>" in shown
    assert "<td>flux ÷ bare</td><td>0.990 ×</td>" in shown
    assert "GPU number 4; GPU number 5" in shown
    assert "not measured" not in shown


@pytest.mark.parametrize("measured", [True, False])
def test_what_a_gpu_did_stands_on_the_page(tmp_path: Path, measured: bool) -> None:
    value, reason = (0.98, "") if measured else (None, "no GPU can be used here")
    path = gpu_run(tmp_path, 4, "worker", value, reason=reason)
    shown = section(page_of(tmp_path, path), "gpu")
    assert ("<td>worker ÷ bare</td><td>0.980 ×</td><td>at least 0.97: holds</td>" in shown) is measured
    assert ("no GPU can be used here" in shown) is not measured
    assert ("<td>worker</td><td>not measured</td>" in shown) is not measured


def test_the_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    shown = page_of(tmp_path, run(tmp_path, 4, [SINGLE, STARTS]))
    assert re.findall(r"<script|src=|url\(|https?:|@import", shown) == []


def test_dots_lie_where_their_ratios_are() -> None:
    plot = Plot("", Bound(2.0, is_ceiling=False), [1.0, 3.0, 2.0], 2.0, "holds", "good")
    places = [float(x.removesuffix("%")) for x, _, _ in plot.dots]
    assert places[2] == pytest.approx(50, abs=0.1)
    assert places[0] + places[1] == pytest.approx(100, abs=0.1)
    assert plot.bound_at == plot.judged_at
    assert plot.holding[0] == plot.bound_at


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (0.0031, "0.0031"), (1.05, "1.050"), (29.6, "29.60"), (1_000_000, "1,000,000")]
)
def test_numbers_have_the_digits_that_matter(value: float, words: str) -> None:
    assert number(value) == words
