"""An export of ten thousand pictures in a process of its own: the memory that it takes, beside that of a hundred."""

import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage

from accounts.ids import uuid7
from accounts.models import User
from generation import exports
from generation.models import Export, Image, Job
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.reliability.size import size
from tests.rules.tree import ROOT

FEW, MANY = 100, 10_000
_BATCH = 1000
# By so much more at most: a zip's own directory lies in memory until it is written, four names a picture.
GROWTH_MOST_BYTES = 80_000_000
# As the queue starts it; at its end it says the most memory that it ever had.
_CHILD = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "write_export", sys.argv[1]])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM:")))
"""


def with_pictures(email: str, count: int) -> User:
    """Return somebody with so many pictures, each a run of its own with a file of its own, all of them like one."""
    user = make_person(email)
    first = draw(user, prompt="a red fox in the snow")
    facts = {type(row): _facts_of(row) for row in (first.job, first)}
    suffix, original = Path(first.file).suffix, default_storage.path(first.file)
    for start in range(1, count, _BATCH):
        jobs, images = [], []
        for number in range(start, min(start + _BATCH, count)):
            job = Job(**{**facts[Job], "hold_id": None, "is_test": True, "submit_key": f"copy-{number}"})
            key = f"pictures/{user.pk}/{number}{suffix}"
            path = Path(default_storage.path(key))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.hardlink_to(original)
            jobs.append(job)
            images.append(Image(**{**facts[Image], "id": uuid7(), "job_id": job.pk, "seed": number, "file": key}))
        Job.objects.bulk_create(jobs)
        Image.objects.bulk_create(images)
    return user


def _facts_of(row: Job | Image) -> dict[str, object]:
    names = [column.attname for column in row._meta.concrete_fields if not column.primary_key]
    return {name: getattr(row, name) for name in names}


def most_memory_bytes(user: User, environment: dict[str, str]) -> int:
    """Write the person's export in a process of its own; returns the most memory that it had."""
    export = exports.order(user)
    command = [sys.executable, "-c", _CHILD, str(export.pk)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    peak = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert peak, done.stdout + done.stderr
    return int(peak[1]) * 1024


@pytest.mark.long
def test_ten_thousand_pictures_take_little_more_memory_than_a_hundred(child_environment: dict[str, str]) -> None:
    many = size(MANY)
    peaks = [
        most_memory_bytes(with_pictures(f"{count}@example.com", count), child_environment) for count in (FEW, many)
    ]

    export = Export.objects.get(pictures=many)
    assert (export.status, export.pictures_done, export.pictures_skipped) == (Export.Status.READY, many, 0)
    with ZipFile(default_storage.path(export.file)) as archive:
        assert sum(name.startswith("pictures/") for name in archive.namelist()) == many
    grown = peaks[1] - peaks[0]
    print(f"{FEW}: {peaks[0] / 1e6:.1f} MB; {many}: {peaks[1] / 1e6:.1f} MB; {grown / 1e6:.1f} MB more")
    assert grown <= GROWTH_MOST_BYTES
