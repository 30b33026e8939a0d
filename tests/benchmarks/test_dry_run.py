"""The whole machinery at its smallest: real gunicorn, cluster, engine and PostgreSQL. No time is judged here."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.rules.tree import ROOT

pytestmark = pytest.mark.postgres

MEASURED = {0, 1}  # every bound holds, or one does not
TOO_FEW_PAIRS = 3  # at this size chance decides
NOT_MEASURED = 2


def run_benchmarks(url: str, folder: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    path = folder / "benchmarks.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--json", str(path), *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert path.exists(), done.stdout + done.stderr
    return done, json.loads(path.read_text())


def test_starts_are_measured_on_both_sides(durable_url: str, tmp_path: Path) -> None:
    done, body = run_benchmarks(durable_url, tmp_path, "--only", "c", "--pairs", "1", "--samples", "3", "--burst", "4")
    assert done.returncode == TOO_FEW_PAIRS, done.stdout + done.stderr
    assert body["failures"] == {}
    (found,) = body["benchmarks"].values()
    samples = found["details"]["samples"]
    sides = ["site", "bare", "stock", "api", "posted"]
    assert [sample["side"] for sample in samples] == [*sides, *reversed(sides), *sides]
    assert all(sample["started_ms"] > 0 for sample in samples)
    assert found["details"]["cpu"]["parts"]["web"] > 0
    for burst in (found["details"]["bursts"][side] for side in ("site", "api")):
        assert burst["images"] == 4
        assert burst["cpu_seconds"] > 0
    ratios = [found["details"][name]["ratio"] for name in ("of_raw", "of_stock", "api_of_raw", "of_posted")]
    assert [part["judged"] for part in found["parts"]] == ratios
    assert (found["holds"], found["verdict"]) == (None, "too few pairs: not judged")
    assert "too few pairs: not judged" in done.stdout


@pytest.mark.journey
def test_what_cannot_be_measured_is_said_and_has_no_figure(durable_url: str, tmp_path: Path) -> None:
    # More steps than the model allows: the form is refused, so no run is made.
    done, body = run_benchmarks(durable_url, tmp_path, "--only", "a", "--pairs", "1", "--steps", "101")
    assert done.returncode == NOT_MEASURED
    assert "(a) COULD NOT BE MEASURED" in done.stdout
    assert body["benchmarks"] == {}
    assert "422" in body["failures"]["a"]


@pytest.mark.long
def test_requests_are_measured_on_both_sides(durable_url: str, tmp_path: Path) -> None:
    sizes = ("--pairs", "1", "--seconds", "1", "--hold-seconds", "1", "--accounts", "2")
    done, body = run_benchmarks(durable_url, tmp_path, "--only", "d", *sizes)
    assert done.returncode == TOO_FEW_PAIRS, done.stdout + done.stderr
    assert body["failures"] == {}
    (found,) = body["benchmarks"].values()
    turns = found["details"]["turns"]
    assert [turn["side"] for turn in turns] == ["site", "bare", "barest"] * 2
    assert all(turn["rate"] > 0 for turn in turns)
    assert found["details"]["held"]["failed"] == 0


@pytest.mark.journey
def test_grants_are_measured_on_both_sides(durable_url: str, tmp_path: Path) -> None:
    done, body = run_benchmarks(durable_url, tmp_path, "--only", "f", "--pairs", "2", "--wallets", "60")
    assert done.returncode == TOO_FEW_PAIRS, done.stdout + done.stderr
    assert body["failures"] == {}
    (found,) = body["benchmarks"].values()
    turns = found["details"]["turns"]
    assert [(turn["pair"], turn["side"]) for turn in turns] == [(0, "site"), (0, "bare"), (1, "bare"), (1, "site")]
    assert all(turn["granted"] == 30 for turn in turns)
    # A sweep of thirty may take less than the 10 ms that the kernel counts by.
    assert sum(turn["cpu_seconds"] + turn["postgres_cpu_seconds"] for turn in turns) > 0


@pytest.mark.long
def test_holds_are_measured_on_both_sides_and_the_books_are_counted(durable_url: str, tmp_path: Path) -> None:
    sizes = ("--pairs", "2", "--tills", "20", "--till-seconds", "1", "--lines", "1000")
    done, body = run_benchmarks(durable_url, tmp_path, "--only", "g", *sizes)
    assert done.returncode == TOO_FEW_PAIRS, done.stdout + done.stderr
    assert body["failures"] == {}
    (found,) = body["benchmarks"].values()
    turns = found["details"]["turns"]
    assert [(turn["pair"], turn["side"]) for turn in turns] == [(0, "site"), (0, "bare"), (1, "bare"), (1, "site")]
    assert [turn["first"] for turn in turns] == ["hot", "hot", "many", "many"]
    assert all(turn["hot"] > 0 and turn["many"] > 0 for turn in turns)
    assert all(turn["hot_cpu_ms"] > 0 and turn["many_postgres_cpu_ms"] > 0 for turn in turns)
    assert all(found["details"][name]["median"] > 0 for name in ("hot", "many", "balance"))


@pytest.mark.long
def test_swaps_of_loras_are_measured_on_both_sides_and_read_nothing_anew(durable_url: str, tmp_path: Path) -> None:
    sizes = ("--pairs", "2", "--pictures", "2", "--lora-steps", "1")
    done, body = run_benchmarks(durable_url, tmp_path, "--only", "i", *sizes)
    assert done.returncode == TOO_FEW_PAIRS, done.stdout + done.stderr
    assert body["failures"] == {}
    (found,) = body["benchmarks"].values()
    sides = [turn["side"] for turn in found["details"]["turns"]]
    assert sides == ["site", "bare", "none", "none", "bare", "site"]
    assert all(turn["cpu_seconds"] > 0 for turn in found["details"]["turns"])
    assert found["holds"] is None


@pytest.mark.long
def test_throughput_is_measured_on_both_sides(durable_url: str, tmp_path: Path) -> None:
    sizes = ("--pairs", "2", "--jobs", "3", "--visitors", "2", "--steps", "1")
    done, body = run_benchmarks(durable_url, tmp_path, "--only", "a,b", *sizes)
    assert done.returncode == TOO_FEW_PAIRS, done.stdout + done.stderr
    assert body["failures"] == {}
    assert list(body["benchmarks"]) == ["a", "b"]
    for name, found in body["benchmarks"].items():
        turns = found["details"]["rounds"]
        order = ["site", "bare", "stock"] if name == "a" else ["site", "bare"]
        pairs = [*((0, side) for side in order), *((1, side) for side in reversed(order))]
        assert [(turn["pair"], turn["side"]) for turn in turns] == pairs
        assert all(turn["images"] == 3 for turn in turns)
        assert all(turn["wall_seconds"] > 0 and turn["cpu_seconds"] > 0 for turn in turns)
        assert all(turn["postgres_cpu_seconds"] > 0 for turn in turns if turn["side"] == "site")
        assert len(found["ratios"]) == 2
    alone = body["benchmarks"]["b"]["details"]["alone"]
    assert [(turn["pair"], turn["side"]) for turn in alone["rounds"]] == pairs
    assert alone["ratio"]["median"] > 0


@pytest.mark.long
def test_libraries_are_measured_on_both_sides(durable_url: str, tmp_path: Path) -> None:
    sizes = ("--pairs", "1", "--own", "200", "--few", "100", "--many", "800", "--page-samples", "5")
    done, body = run_benchmarks(durable_url, tmp_path, "--only", "e", *sizes)
    assert done.returncode == TOO_FEW_PAIRS, done.stdout + done.stderr
    assert body["failures"] == {}
    (found,) = body["benchmarks"].values()
    kinds = {"first page", "page 1,000", "search", "filter", "search and filter", "saved search"}
    assert set(found["details"]["by_kind"]) == kinds
    sides = [turn["side"] for turn in found["details"]["turns"]]
    assert sides == ["site", "bare", "sql"]
    assert all(figure is not None for side in found["sides"].values() for figure in side.values())
    assert sum(address["shown"] for address in found["details"]["by_address"].values()) > 500


@pytest.mark.long
def test_pages_are_looked_at(durable_url: str, tmp_path: Path) -> None:
    done, body = run_benchmarks(durable_url, tmp_path, "--only", "h")
    assert done.returncode in MEASURED, done.stdout + done.stderr
    assert body["failures"] == {}
    (found,) = body["benchmarks"].values()
    pages = ("landing", "generate", "gallery", "pricing", "docs")
    assert set(found["details"]["reports"]) == {page + size for page in pages for size in ("", " on a phone")}
    assert all(page["first"] > page["script"] > 0 for page in found["details"]["pages"])
    assert found["sides"]["site"]["CPU of web, s"] > 0
