"""How far a run is, as whoever watches reads it."""

import base64
import uuid
from pathlib import Path

import pytest
from django.conf import LazySettings

from generation import progress
from generation.progress import PREVIEW_MAX_BYTES, Progress, Reporter


@pytest.fixture
def job_id() -> uuid.UUID:
    return uuid.uuid4()


def seen(job_id: uuid.UUID) -> Progress:
    found = progress.read(job_id)
    assert found is not None
    return found


def test_of_a_run_that_reported_nothing_nothing_is_known(job_id: uuid.UUID) -> None:
    assert progress.read(job_id) is None


def test_steps_are_counted(job_id: uuid.UUID) -> None:
    Reporter(job_id, images=4).step(3, 25, images=4)

    assert (seen(job_id).step, seen(job_id).of) == (3, 25)


def test_steps_of_a_run_in_several_passes_are_counted_over_all_of_them(job_id: uuid.UUID) -> None:
    reporter = Reporter(job_id, images=10)
    for _ in range(8):
        reporter.image_done()

    reporter.step(20, 20, images=2)

    assert (seen(job_id).step, seen(job_id).of) == (100, 100)


def test_progress_never_passes_its_end(job_id: uuid.UUID) -> None:
    reporter = Reporter(job_id, images=2)
    for _ in range(2):
        reporter.image_done()

    reporter.step(25, 25, images=2)

    assert (seen(job_id).step, seen(job_id).of) == (25, 25)


def test_not_every_step_is_written(job_id: uuid.UUID) -> None:
    reporter = Reporter(job_id, images=1)

    reporter.step(1, 1000, images=1)
    reporter.step(2, 1000, images=1)

    assert seen(job_id).step == 1


def test_previews_are_written_with_the_step_that_follows(job_id: uuid.UUID) -> None:
    reporter = Reporter(job_id, images=2)
    for index, data in ((0, "b25l"), (1, "dHdv"), (0, "bmV3")):
        reporter.preview(index, data)
    assert progress.read(job_id) is None

    reporter.step(4, 25, images=2)

    assert (seen(job_id).step, seen(job_id).previews) == (4, {0: "bmV3", 1: "dHdv"})


def test_the_largest_preview_allowed_is_kept_and_a_larger_one_is_not(job_id: uuid.UUID) -> None:
    reporter = Reporter(job_id, images=2)
    largest = base64.b64encode(bytes(PREVIEW_MAX_BYTES)).decode()

    reporter.preview(0, largest)
    reporter.preview(1, base64.b64encode(bytes(PREVIEW_MAX_BYTES + 3)).decode())
    reporter.step(4, 25, images=2)

    assert seen(job_id).previews == {0: largest}


def test_what_was_forgotten_is_gone(job_id: uuid.UUID) -> None:
    Reporter(job_id, images=1).step(1, 25, images=1)

    progress.forget(job_id)

    assert progress.read(job_id) is None


@pytest.mark.parametrize("trouble", ["a file where its folder would be", "a Redis that is away"])
def test_a_cache_in_trouble_is_no_trouble_of_the_run(
    settings: LazySettings, tmp_path: Path, job_id: uuid.UUID, trouble: str
) -> None:
    (tmp_path / "cache").touch()
    settings.CACHES = {
        "a file where its folder would be": {
            "default": {
                "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
                "LOCATION": tmp_path / "cache" / "x",
            }
        },
        "a Redis that is away": {
            "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
        },
    }[trouble]
    reporter = Reporter(job_id, images=1)

    reporter.preview(0, "UklGRg==")
    reporter.step(1, 25, images=1)
    progress.forget(job_id)

    assert progress.read(job_id) is None
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
