"""CPU-seconds: whose they are, and that they are counted."""

import subprocess
import sys
from pathlib import Path

import psutil

from benchmarks import cpu
from benchmarks.children import Child
from benchmarks.site import Place


def test_what_a_process_burns_is_counted_as_its_own(tmp_path: Path) -> None:
    environment = Place("postgresql://nowhere/none", tmp_path).environment()
    with (
        Child("tests.benchmarks.echo", environment, tmp_path / "busy") as busy,
        Child("tests.benchmarks.echo", environment, tmp_path / "idle") as idle,
    ):
        parts = {}
        for name, child in (("busy", busy), ("idle", idle)):
            child.hear(60)
            parts[name] = [psutil.Process(child.ask(60)["pid"])]
        server = parts["idle"][0]
        before = cpu.read(parts, server)
        busy.ask(60, burn_seconds=0.3)
        spent = cpu.read(parts, server).since(before)
    assert spent.parts["busy"] >= 0.25
    assert spent.parts["idle"] < 0.25
    assert spent.site == sum(spent.parts.values())
    assert spent.machine >= 0.25


def test_children_that_have_ended_are_counted() -> None:
    here = psutil.Process()
    parts = {"here": [here]}
    before = cpu.read(parts, here)
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)
    assert cpu.read(parts, here).since(before).site >= 0.25


def test_a_process_that_is_gone_costs_nothing_more() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    process = psutil.Process(gone.pid)
    gone.wait()
    assert cpu.read({"gone": [process]}, psutil.Process()).parts == {"gone": 0.0}
