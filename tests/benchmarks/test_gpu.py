"""The GPU's benchmark where there is none: it goes through all of it with toys, and gives no figure."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison import Bound
from benchmarks.gpu import NOT_MEASURED, SECTIONS, Results, parse
from benchmarks.gpu_sections import Figure, Findings
from benchmarks.gpu_stage import DTYPES, FLUX, FULL, GUIDANCE, SCHEDULERS, SD, SDXL
from benchmarks.report import RUNS
from generation import catalog
from tests.rules.tree import ROOT

CAME_THROUGH, FALLS_SHORT, MISSING = 0, 1, 2
# Until the first section begins.
_START_SECONDS = 30


def run(folder: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    path = folder / "gpu.json"
    command = [sys.executable, "-m", "benchmarks.gpu", "--json", str(path), *arguments]
    hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, cwd=ROOT, env=hidden, capture_output=True, text=True, check=False)
    assert path.exists(), done.stdout + done.stderr
    return done, json.loads(path.read_text())


def came_through(done: subprocess.CompletedProcess[str], body: dict[str, Any]) -> None:
    assert done.returncode == CAME_THROUGH, done.stdout + done.stderr
    assert {name: section["failed"] for name, section in body["sections"].items() if section["failed"]} == {}
    assert set(body["figures"].values()) == {NOT_MEASURED}


def test_a_part_of_the_dry_run_comes_through_and_gives_no_figure(tmp_path: Path) -> None:
    done, body = run(tmp_path, "--dry-run", "--only", "ceiling,memory,loras")
    came_through(done, body)
    assert body["sections"]["ceiling"]["details"]["bfloat16"]["best"] > 0
    assert len(body["sections"]["memory"]["details"]["memory"]) == len(body["sections"]["memory"]["details"]["batches"])
    turns = body["sections"]["loras"]["details"]["turns"]
    assert [turn["side"] for turn in turns] == ["site", "bare", "bare", "site"]
    assert all(turn["wall_seconds"] > 0 for turn in turns)


@pytest.mark.long
def test_the_whole_dry_run_comes_through(tmp_path: Path) -> None:
    done, body = run(tmp_path, "--dry-run", "--seconds", "1500")
    came_through(done, body)
    sections = {name: section["details"] for name, section in body["sections"].items()}
    assert list(sections) == list(SECTIONS)
    assert sections["out-of-memory"]["passes"][1] == [4, 4]
    assert sections["out-of-memory"]["tries"][-1]["pictures"] == 16
    assert sections["worker"]["mean_difference"] < 1
    assert [turn["side"] for turn in sections["worker"]["turns"]] == ["site", "bare", "bare", "site"]
    for family in (SD, FLUX):
        assert sections["others"][family]["mean_difference"] < 1, family
    assert set(sections["batches"]["stable-diffusion 32"]["pictures_a_second"]) == {"1", "2"}
    assert all(figure["value"] > 0 for name in ("compiling", "flux") for figure in sections[name]["figures"])


def test_without_a_gpu_nothing_is_measured_and_the_status_says_so(tmp_path: Path) -> None:
    done, body = run(tmp_path, "--only", "ceiling,worker")
    assert done.returncode == MISSING
    assert body["figures"] == {"ceiling": NOT_MEASURED, "worker": NOT_MEASURED}
    assert all("no GPU can be used here" in section["failed"] for section in body["sections"].values())
    assert "(worker) not measured: no GPU can be used here" in done.stdout


@pytest.mark.parametrize(("value", "status"), [(0.98, CAME_THROUGH), (0.96, FALLS_SHORT), (None, MISSING)])
def test_the_exit_status_is_the_bounds(value: float | None, status: int, tmp_path: Path) -> None:
    results = Results(tmp_path / "gpu.json", {}, dry_run=False)
    bound = Bound(0.97, is_ceiling=False)
    results.add("worker", 1.0, Findings([Figure("ratio", "worker ÷ bare", value, "×", bound, "no time was left")]))
    assert results.status == status
    written = json.loads((tmp_path / "gpu.json").read_text())
    assert written["figures"]["ratio"] == (NOT_MEASURED if value is None else written["figures"]["ratio"])
    results.fail("batches", 1.0, "it hung")
    assert results.status == MISSING


def test_a_dry_run_that_lacks_a_figure_did_not_come_through(tmp_path: Path) -> None:
    results = Results(tmp_path / "gpu.json", {}, dry_run=True)
    results.add("ceiling", 1.0, Findings([Figure("ceiling_float16", "ceiling", 1.0)]))
    assert results.status == CAME_THROUGH
    results.add("flux", 1.0, Findings([Figure("flux_eager_1", "FLUX", None, reason="the engine failed")]))
    assert results.status == MISSING


def test_a_dry_run_is_not_written_where_the_page_is_made_of() -> None:
    measured, dry = (parse(arguments).json for arguments in ([], ["--dry-run"]))
    assert measured.parent == RUNS
    assert dry.parent != RUNS
    assert parse(["--dry-run", "--json", "here.json"]).json == Path("here.json")


def test_each_of_the_commands_in_the_docs_has_the_time_of_its_sections() -> None:
    words = (ROOT / "docs" / "benchmarks.md").read_text()
    commands = re.findall(r"^python -m benchmarks\.gpu (.*)$", words, flags=re.MULTILINE)
    asked = [parse(command.split()) for command in commands]
    assert [name for options in asked for name in options.only] == list(SECTIONS)
    for options in asked:
        assert sum(SECTIONS[name].limit for name in options.only) <= options.seconds - _START_SECONDS, options.only
    assert len({options.models for options in asked}) == 1
    assert len({options.json for options in asked}) == len(asked)


@pytest.mark.parametrize("slug", ["stable-diffusion-1-5", "stable-diffusion-xl", "flux-1-schnell"])
def test_what_is_drawn_is_what_the_catalogue_says(slug: str) -> None:
    model = catalog.MODELS[slug]
    family = model.family
    assert (model.dtype, model.default_guidance, model.schedulers[0]) == (
        DTYPES[family],
        GUIDANCE[family],
        SCHEDULERS[family],
    )
    assert model.default_steps == FULL.steps[family]
    assert model.sizes[0].width == (FULL.small if family == SD else FULL.large)
    assert (FULL.steps[SDXL], FULL.large, FULL.pairs >= 7) == (30, 1024, True)
