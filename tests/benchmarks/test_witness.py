"""The witness believes what it sees, and says what is wrong with the rest."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place, Site
from benchmarks.witness import Witness
from generation import lifecycle
from generation.models import Image, Job
from tests.generation import runs

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def witness(child_environment: dict[str, str]) -> Iterator[Witness]:
    here = psutil.Process()
    place = Place(child_environment["DATABASE_URL"], Path(settings.DATA_DIR))
    with closing(Witness(place, Site(0, here, here, ()))) as witness:
        yield witness


def finished(content: bytes = b"a picture") -> Job:
    """Return a run whose files are where its row says."""
    user = runs.make_person()
    runs.submit(user, num_images=1, seed=7)
    job = runs.claim().jobs[0]
    (image,) = runs.pictures(job, 0)
    image.sha256 = hashlib.sha256(content).hexdigest()
    for key in image.files:
        default_storage.save(key, ContentFile(content))
    lifecycle.finish(job, job.attempt, [image])
    return job


def test_a_finished_run_is_proved(witness: Witness) -> None:
    job = finished()
    told: list[object] = []
    witness.wait([job.pk], on_done=told.append)
    assert told == [job.pk]
    (run,) = witness.prove([job.pk])
    assert (run.job_id, run.seed) == (job.pk, 7)
    assert run.picture.read_bytes() == b"a picture"


@pytest.mark.parametrize("name", ["file", "thumbnail_320", "thumbnail_640"])
def test_a_file_that_is_missing_is_no_success(witness: Witness, name: str) -> None:
    job = finished()
    default_storage.delete(getattr(Image.objects.get(job=job), name))
    with pytest.raises(BenchmarkFailed, match=r"picture of run|no thumbnail"):
        witness.prove([job.pk])


def test_a_picture_that_is_another_is_no_success(witness: Witness) -> None:
    job = finished()
    (Path(settings.MEDIA_ROOT) / Image.objects.get(job=job).file).write_bytes(b"another")
    with pytest.raises(BenchmarkFailed, match="is not what its row says"):
        witness.prove([job.pk])


def test_a_run_that_took_two_attempts_is_no_success(witness: Witness) -> None:
    job = finished()
    Job.objects.filter(pk=job.pk).update(attempt=2)
    with pytest.raises(BenchmarkFailed, match="attempt 2"):
        witness.prove([job.pk])


def test_a_run_that_failed_ends_the_wait(witness: Witness) -> None:
    runs.submit(runs.make_person(), num_images=1)
    job = runs.claim().jobs[0]
    lifecycle.fail(job, job.attempt, code="internal", message="It went wrong.")
    with pytest.raises(BenchmarkFailed, match=r"1 runs ended badly.*It went wrong"):
        witness.wait([job.pk])


def test_a_run_without_a_picture_is_no_success(witness: Witness) -> None:
    job = runs.submit(runs.make_person(), num_images=1)
    with pytest.raises(BenchmarkFailed, match="is NEW"):
        witness.prove([job.pk])
