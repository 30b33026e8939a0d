"""Hundreds of hostile files: none crashes the reader, none gets a byte of its metadata through, none is dear.

They are read in a process of its own, so that its memory is what is measured and a crash is seen as one.
"""

import io
import os
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PIL import features

from tests.generation import hostile

SECONDS_MAX = 2.0
MEGABYTES_MAX = 300

# What the child runs: reads every file, prints what became of it and what it cost.
CHILD = """
import resource, sys, time
import django
django.setup()
from generation import picture_reading
from generation.errors import PictureRefused
from tests.generation import hostile
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name, content in hostile.files(int(sys.argv[1])):
    begun = time.process_time()
    try:
        png = picture_reading.read(content).png
        verdict = "leaked" if hostile.MARK in png or b"tEXt" in png or b"eXIf" in png or b"iTXt" in png else "kept"
    except PictureRefused as error:
        verdict = error.code
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(name, verdict, f"{time.process_time() - begun:.3f}", grown)
"""


def judged(count: int) -> list[tuple[str, str, float, int]]:
    """Return (name, verdict, seconds of CPU, megabytes more than before) of each file. Fails where the child dies."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "getimg_site.settings"}
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(count)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env=environment,
        timeout=600,
        check=False,
    )
    assert child.returncode == 0, child.stderr[-2000:]
    rows = [line.split() for line in child.stdout.splitlines()]
    assert len(rows) == count
    return [(name, verdict, float(seconds), int(grown)) for name, verdict, seconds, grown in rows]


@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.long)])
def test_hostile_files_neither_crash_nor_leak_nor_cost_much(count: int) -> None:
    rows = judged(count)
    verdicts = Counter(verdict for _, verdict, _, _ in rows)

    assert not verdicts["leaked"]
    assert verdicts["kept"] > count // 10, verdicts
    assert {"animated", "damaged", "not_a_picture", "too_many_pixels"} <= verdicts.keys()
    assert max(seconds for _, _, seconds, _ in rows) <= SECONDS_MAX
    assert max(grown for _, _, _, grown in rows) <= MEGABYTES_MAX


def test_the_hostile_files_are_what_they_say() -> None:
    """A test of the test: sound ones hold the mark, the others are no accident of a missing codec."""
    assert features.check("webp")
    for name, content in hostile.files(100):
        if name.endswith("marked"):
            with Pillow.open(io.BytesIO(content)) as picture:
                picture.load()
            assert hostile.MARK in content or b"zTXt" in content or b"iTXt" in content, name
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0
