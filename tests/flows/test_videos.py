"""A video from its order to its end: what it costs, what is kept, what goes with it, and what is said of it."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path

import av
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from billing.models import LedgerEntry
from generation import (
    certificates,
    gallery,
    housekeeping,
    licences,
    lifecycle,
    lineage,
    storage,
    storing,
    verification,
)
from generation.models import Clip, Image, Job
from generation.verification import Verdict
from tests.generation.runs import balance, hold_of, make_person
from tests.generation.uploads import brought
from tests.generation.videos import claimed, clip_of, frames, make_video, store, submit_video

pytestmark = pytest.mark.django_db


def kept_files() -> set[Path]:
    """Return the files of all pictures that are kept."""
    return {path for path in (Path(settings.MEDIA_ROOT) / "pictures").rglob("*") if path.is_file()}


def test_a_video_is_set_aside_and_charged_as_one() -> None:
    person = make_person()
    job = submit_video(person)
    assert balance(person) == 88
    assert (job.num_images, job.credits) == (1, 12)
    store(claimed(job))
    job.refresh_from_db()
    assert (job.status, job.images_stored, job.credits_charged) == (Job.Status.FINISHED, 1, 12)
    assert balance(person) == 88
    reasons = list(LedgerEntry.objects.filter(hold=hold_of(job)).order_by("pk").values_list("reason", flat=True))
    assert reasons[0] == "1 video from a picture"
    assert reasons[-1] == "1 video"


def test_its_poster_is_an_ordinary_picture() -> None:
    image = make_video(make_person())
    assert (image.width, image.height, image.content_type) == (64, 48, "image/png")
    assert image.sha256 == hashlib.sha256(storage.read(image.file)).hexdigest()
    assert [one.pk for one in gallery.page(image.user).images] == [image.pk]
    assert licences.terms_of(image).model_name == "Starter"
    assert clip_of(image).sha256 == hashlib.sha256(storage.read(clip_of(image).mp4)).hexdigest()


def test_its_way_back_leads_to_both_pictures() -> None:
    person = make_person()
    start, end = brought(person), brought(person, seed=2)
    image = make_video(person, image=start.reference, end_image=end.reference)
    assert [node.upload for node in lineage.of(image).parents] == [start, end]


def test_it_says_in_its_file_what_it_is() -> None:
    image = make_video(make_person())
    content = storage.read(clip_of(image).mp4)
    assert b"trainedAlgorithmicMedia" in content
    assert str(image.pk).encode() in content
    assert "Personal" in av.open(io.BytesIO(content)).metadata["comment"]


def test_its_certificate_names_it_and_its_file_can_be_verified() -> None:
    image = make_video(make_person())
    facts = certificates.issue(image).facts
    assert facts["picture"]["sha256"] == image.sha256
    assert facts["video"]["sha256"] == clip_of(image).sha256
    assert (facts["video"]["frames"], facts["video"]["fps"]) == (8, 16)
    for sha256 in (image.sha256, clip_of(image).sha256):
        answer = verification.of_checksum(sha256)
        assert answer.verdict == Verdict.KNOWN
        assert answer.proof is not None
        assert answer.proof.sha256 == sha256


def test_all_its_files_go_when_it_is_purged() -> None:
    image = make_video(make_person())
    assert {default_storage.exists(key) for key in image.files} == {True}
    Image.objects.filter(pk=image.pk).update(deleted_at=timezone.now() - timedelta(days=31))
    assert housekeeping.purge_deleted() == 1
    assert {default_storage.exists(key) for key in image.files} == {False}
    assert not Clip.objects.exists()


def test_a_video_of_a_run_that_was_canceled_leaves_nothing() -> None:
    person = make_person()
    job = submit_video(person)
    run, before = claimed(job), kept_files()
    lifecycle.cancel(job)
    store(run)
    assert not Image.objects.exists()
    assert not Clip.objects.exists()
    assert kept_files() == before
    assert balance(person) == 100


def test_a_video_that_cannot_be_encoded_leaves_no_poster() -> None:
    job = submit_video(make_person())
    run, before = claimed(job), kept_files()
    run.job.params["fps"] = 0
    with pytest.raises(ZeroDivisionError):
        store(run)
    assert kept_files() == before
    assert Job.objects.get(pk=job.pk).images_stored == 0


def test_what_was_stored_and_not_kept_is_removed_with_all_its_files() -> None:
    job = submit_video(make_person())
    run = claimed(job)
    run.missing.add(1)  # as if another were to come: then it is kept, and forgetting the run leaves it
    store(run, frames(3))
    (image,) = Image.objects.all()
    assert clip_of(image).frames == 3
    storing.forget(run)
    assert {default_storage.exists(key) for key in image.files} == {True}
