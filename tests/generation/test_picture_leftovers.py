"""What a worker that is killed between a picture's files and its row leaves, and what is done about it."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage

from generation import housekeeping, moderation_queue, storage
from generation.image_check import Sight
from generation.models import Image, ModerationCase
from generation.storing import Run, Storekeeper
from tests.generation.runs import claim, make_person, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(settings: LazySettings, tmp_path: Path) -> Run:
    """Return a run that a worker has in hand."""
    settings.SCRATCH_DIR = tmp_path / "scratch"
    submit(make_person(), num_images=3)
    job = claim().jobs[0]
    scratch = settings.SCRATCH_DIR / job.pk.hex / str(job.attempt)
    scratch.mkdir(parents=True)
    return Run(job, job.attempt, scratch, {0, 1, 2})


def store(run: Run, index: int) -> Image:
    """Write the files of one of its pictures; more have been handed over, so its row is still to come."""
    keeper, raw = Storekeeper(), run.scratch / f"{index}.npy"
    np.save(raw, np.full((32, 32, 3), index, dtype=np.uint8))
    keeper._arrivals.put((run, index, raw, {}, None))
    keeper._store(run, index, raw)
    return run.stored[-1]


def a_day_passes(run: Run) -> None:
    then = time.time() - 25 * 3600
    os.utime(run.scratch.parent, (then, then))


def has_files(image: Image) -> bool:
    there = {default_storage.exists(key) for key in image.files}
    assert len(there) == 1
    return there.pop()


def test_files_whose_row_never_came_are_removed_with_the_dead_attempts_folder(run: Run) -> None:
    lost = store(run, 0)

    housekeeping.remove_old_scratch()
    assert has_files(lost), "the attempt may still be at work"
    a_day_passes(run)
    assert housekeeping.remove_old_scratch() == 1

    assert not has_files(lost)
    assert not list(storage.files_under(storage.folder_of(lost.pk)))
    assert not run.scratch.parent.exists()


def test_files_that_a_row_or_a_case_names_stay(run: Run) -> None:
    kept, held_back = store(run, 0), store(run, 1)
    kept.save()
    for _ in range(2):  # the first try's answer may be lost
        moderation_queue.hold_back(held_back, Sight("sexual", 0.9))
    a_day_passes(run)

    assert housekeeping.remove_old_scratch() == 1

    assert has_files(kept)
    assert has_files(held_back)
    assert ModerationCase.objects.get().withheld["id"] == str(held_back.pk)


def test_a_run_that_ends_leaves_no_note(run: Run) -> None:
    for index in (0, 1):
        store(run, index)
    Storekeeper()._store(run, 2, run.scratch / "1.npy")

    assert Image.objects.filter(job=run.job).count() == 3
    assert not run.scratch.exists()
