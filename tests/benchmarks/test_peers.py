"""Peers beside the site: what cannot run is said, and what runs is compared. No peer's package is needed here."""

import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkFailed
from benchmarks.peers.contest import PEERS, Peer, measure, version_of
from benchmarks.site import own_place, serving
from benchmarks.turns import Load, SiteSide
from benchmarks.visitors import rich_visitors
from benchmarks.witness import Witness
from tests.rules.tree import ROOT

NOT_MEASURED = 2
LOAD = Load(jobs=3, visitors=2, num_inference_steps=1, pairs=2)


def plain_peer(seed_shift: int) -> Peer:
    return Peer("plain", "http", lambda port: ["-m", "tests.benchmarks.plain_peer", str(port), str(seed_shift)], True)


def test_without_their_environment_every_peer_is_not_measured_and_says_why(tmp_path: Path) -> None:
    python = tmp_path / "none" / "python"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers", "--python", str(python), "--json", str(tmp_path / "peers.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == NOT_MEASURED, done.stderr
    told = [line for line in done.stdout.splitlines() if "NOT MEASURED" in line]
    assert [line.partition(")")[0][1:] for line in told] == list(PEERS)
    assert all(str(python) in line for line in told)
    assert not (tmp_path / "peers.json").exists()


def test_a_package_that_cannot_be_imported_is_named() -> None:
    with pytest.raises(BenchmarkFailed, match=r"Lost cannot be imported: ModuleNotFoundError: .*there_is_no_such"):
        version_of(Path(sys.executable), Peer("Lost", "there_is_no_such", lambda port: [str(port)], judged=False))
    assert version_of(Path(sys.executable), Peer("NumPy", "numpy", lambda port: [str(port)], judged=False))


@pytest.mark.parametrize("package", [*PEERS, "torch", "diffusers", "transformers", "safetensors"])
def test_each_peer_and_what_draws_is_pinned(package: str) -> None:
    pins, locked = (
        dict(line.split("==") for line in (ROOT / name).read_text().splitlines() if "==" in line)
        for name in ("benchmarks/peers/requirements.txt", "requirements.lock")
    )
    assert pins[package] == locked.get(package, pins[package])


@pytest.mark.long
@pytest.mark.postgres
def test_a_peer_takes_turns_with_the_site_and_other_pictures_are_no_comparison(
    durable_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", durable_url)
    python = Path(sys.executable)
    with ExitStack() as stack:
        place = stack.enter_context(own_place())
        site = stack.enter_context(serving(place, "peers", BATCH_SIZE_MAX="2"))
        witness = stack.enter_context(closing(Witness(place, site)))
        side = SiteSide(site, rich_visitors(place, site, LOAD.visitors), witness)

        outcome = measure(place, side, plain_peer(seed_shift=0), LOAD, python, batch=2)

        rounds = outcome.details["rounds"]
        assert [(turn["pair"], turn["side"]) for turn in rounds] == [(0, "site"), (0, "http"), (1, "http"), (1, "site")]
        assert all(turn["images"] == LOAD.jobs and turn["cpu_seconds"] > 0 for turn in rounds)
        assert outcome.details["furthest_apart"] <= 2
        assert "up to 2 a pass" in outcome.title
        assert outcome.verdict == "too few pairs: not judged"

        with pytest.raises(BenchmarkFailed, match=r"differs by .* between site and plain"):
            measure(place, side, plain_peer(seed_shift=100), LOAD, python)
