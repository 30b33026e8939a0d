"""Hundreds of hostile files: none crashes a door that pictures come through, none gets a byte of its metadata through,
none is dear.

They are taken in by a process of its own (`hostile_doors`), so that its memory is what is measured and a crash is seen
as one.
"""

import io
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest
from PIL import Image as Pillow
from PIL import features

from generation import picture_reading
from tests.generation import chunks, hostile, wordy
from tests.rules.tree import ROOT

if TYPE_CHECKING:
    from accounts.models import User

SECONDS_MAX = 2.0
MEGABYTES_MAX = 300
COUNTS = [60, pytest.param(500, marks=pytest.mark.long)]


def judged(environment: Mapping[str, str], *arguments: str) -> list[tuple[str, str, float, int]]:
    """Return (name, verdict, seconds of CPU, megabytes more than before) of each file. Fails where the child dies."""
    command = [sys.executable, "-m", "tests.generation.hostile_doors", *arguments]
    settings = {"DJANGO_SETTINGS_MODULE": "getimg_site.settings"}
    child = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**environment, **settings}, timeout=3600, check=False
    )
    assert child.returncode == 0, child.stderr[-2000:]
    rows = [line.split() for line in child.stdout.splitlines()]
    return [(name, verdict, float(seconds), int(grown)) for name, verdict, seconds, grown in rows]


def check(rows: list[tuple[str, str, float, int]], count: int) -> None:
    """Check what became of the files and what they cost; with `-s` the figures can be read."""
    verdicts = Counter(verdict for _, verdict, _, _ in rows)
    dearest, largest = max(seconds for _, _, seconds, _ in rows), max(grown for _, _, _, grown in rows)
    print(f"\n{count} files: {dict(verdicts)}; at most {dearest:.2f} s of CPU and {largest} MB")
    assert len(rows) == count
    assert not verdicts["leaked"]
    assert verdicts["kept"] > count // 10, verdicts
    assert {"animated", "damaged", "not_a_picture", "too_many_pixels"} <= verdicts.keys()
    assert dearest <= SECONDS_MAX
    assert largest <= MEGABYTES_MAX


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("door", ["picture", "mask"])
def test_hostile_files_neither_crash_nor_leak_nor_cost_much(door: str, count: int) -> None:
    check(judged(os.environ, door, str(count)), count)


@pytest.mark.parametrize("count", COUNTS)
def test_the_upload_endpoint_stands_hostile_files(
    child_environment: dict[str, str], one_user: "User", count: int
) -> None:
    check(judged(child_environment, "upload", str(count), str(one_user.pk)), count)


@pytest.mark.parametrize("is_grey", [False, True])
@pytest.mark.parametrize("place", wordy.PLACES)
def test_no_place_where_a_file_keeps_words_gets_through(place: str, is_grey: bool) -> None:
    content = wordy.PLACES[place]()
    assert wordy.MARK in content + _read_by_pillow(content), "a test of the test: the words are there"

    encoded = picture_reading.read(content, is_grey=is_grey)

    for kept in (encoded.png, encoded.thumbnail):
        assert chunks.names(kept) <= chunks.OF_PIXELS
        assert wordy.MARK not in kept + _read_by_pillow(kept)


def test_the_hostile_files_are_what_they_say() -> None:
    """A test of the test: sound ones hold the mark, the others are no accident of a missing codec."""
    assert features.check("webp")
    for name, content in hostile.files(100):
        if name.endswith("marked"):
            assert wordy.MARK in content + _read_by_pillow(content), name


def _read_by_pillow(content: bytes) -> bytes:
    """Return what Pillow reads beside the pixels."""
    with Pillow.open(io.BytesIO(content)) as picture:
        picture.load()
        texts = getattr(picture, "text", {})
        said = [*picture.info.values(), *texts.values(), dict(picture.getexif()), picture.getexif().get_ifd(0x8825)]
    return b"".join(one if isinstance(one, bytes) else repr(one).encode() for one in said)


@pytest.fixture
def one_user(transactional_db: None) -> "User":
    """Return somebody who brings pictures."""
    from tests.generation.runs import make_person

    return make_person()
