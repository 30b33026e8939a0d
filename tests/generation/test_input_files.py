"""Edits through the worker and a real engine process: what comes out of each task, and what it costs."""

import io
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from accounts.models import User
from billing.models import LedgerEntry
from generation import lifecycle, params, storing, uploads
from generation.errors import SourceGone
from generation.models import Image, Job, Upload
from tests.generation.buckets import go_away
from tests.generation.params.test_edit import NEED_MODELS, values_for
from tests.generation.pictures import content
from tests.generation.runs import balance, make_person
from tests.generation.uploads import brought, photograph
from tests.generation.workers import drain, scratch_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user() -> User:
    return make_person()


@pytest.fixture
def _noop_engine(settings: LazySettings) -> None:
    settings.ENGINE_BACKEND = "noop"


def send(user: User, task: str, **values: Any) -> Job:
    wanted = params.parse(task, values, user)
    return lifecycle.submit(user, wanted, key=f"{task}:{sorted(values.items())}")


def pixels_of(job: Job) -> np.ndarray[Any, Any]:
    """Return the run's one picture."""
    return np.asarray(Pillow.open(io.BytesIO(content(Image.objects.get(job=job)))))


@pytest.mark.usefixtures("_noop_engine")
def test_every_task_becomes_a_picture_of_its_size_and_is_charged_once(user: User) -> None:
    jobs = {task: send(user, task, **values_for(task, user)) for task in params.EDITS.keys() - NEED_MODELS}

    drain()

    for task, job in jobs.items():
        job.refresh_from_db()
        assert job.status == Job.Status.FINISHED, (task, job.error_message)
        image = job.images.get()
        assert (image.width, image.height) == (job.params["result_width"], job.params["result_height"]), task
        assert not scratch_of(job).exists()
    assert balance(user) == 100 - sum(job.credits for job in jobs.values())
    assert LedgerEntry.objects.filter(kind="settle").count() == len(jobs)


@pytest.mark.usefixtures("_noop_engine")
def test_kept_pixels_are_the_sources_own_and_a_cut_out_is_transparent(user: User) -> None:
    source = np.asarray(photograph())
    inpainted = send(user, "inpaint", **values_for("inpaint", user))
    outpainted = send(user, "outpaint", **values_for("outpaint", user))
    cut_out = send(user, "remove-background", image=brought(user).reference)

    drain()

    difference = (pixels_of(inpainted) != source).any(axis=2)
    assert difference[30:60, 40:80].all()
    difference[30:60, 40:80] = False
    assert not difference.any()
    assert (pixels_of(outpainted)[:, :160] == source).all()
    alpha = pixels_of(cut_out)[..., 3]
    assert (alpha.min(), alpha.max()) == (0, 255)


@pytest.mark.usefixtures("_noop_engine")
def test_a_result_can_be_begun_from_again_with_its_transparency(user: User) -> None:
    cut_out = send(user, "remove-background", image=brought(user).reference)
    drain()
    larger = send(user, "upscale", image=f"image:{cut_out.images.get().pk}")
    drain()
    assert pixels_of(larger).shape == (240, 320, 4)


@pytest.mark.usefixtures("_noop_engine")
def test_a_picture_that_went_meanwhile_ends_the_run_and_gives_the_credits_back(user: User) -> None:
    job = send(user, "upscale", image=brought(user).reference)
    assert balance(user) == 99
    default_storage.delete(Upload.objects.get().file)

    drain()

    job.refresh_from_db()
    assert (job.status, job.error_code) == (Job.Status.FAILED, "source_gone")
    assert "deleted meanwhile" in job.error_message
    assert balance(user) == 100


@pytest.mark.usefixtures("_noop_engine")
def test_an_edit_waits_for_a_bucket_that_is_away_and_no_attempt_counts(
    user: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = send(user, "upscale", image=brought(user).reference)
    monkeypatch.setattr(storing, "_STORE_PAUSE_SECONDS", 0.01)
    go_away(settings, refusals=settings.JOB_MAX_ATTEMPTS + 1)

    drain()

    job.refresh_from_db()
    assert (job.status, job.attempt, balance(user)) == (Job.Status.FINISHED, 1, 99)


@pytest.mark.usefixtures("_noop_engine")
def test_runs_of_different_pictures_share_a_pass(user: User) -> None:
    first = send(user, "image-to-image", prompt="a fox", image=brought(user).reference)
    second = send(user, "image-to-image", prompt="an owl", image=brought(user, seed=2).reference)
    other = send(user, "image-to-image", prompt="an owl", image=brought(user).reference, strength="0.3")
    assert first.batch_key == second.batch_key != other.batch_key
    claim = lifecycle.claim("w")
    assert claim is not None
    assert {job.pk for job in claim.jobs} == {first.pk, second.pk}


def test_a_picture_deleted_between_the_look_and_the_order_is_refused_and_nothing_charged(user: User) -> None:
    upload = brought(user)
    wanted = params.parse("upscale", {"image": upload.reference}, user)
    uploads.delete(upload)
    with pytest.raises(SourceGone):
        lifecycle.submit(user, wanted, key="k")
    assert (balance(user), Job.objects.count()) == (100, 0)


def test_the_starter_inpaints_and_reworks_on_the_same_road(user: User) -> None:
    """With the model that ships: what is kept is kept, what is painted is new, and both cost what was quoted."""
    inpainted = send(user, "inpaint", **values_for("inpaint", user), steps=2)
    reworked = send(user, "image-to-image", **values_for("image-to-image", user), steps=2)

    drain()

    difference = (pixels_of(inpainted) != np.asarray(photograph())).any(axis=2)
    assert difference[35:55, 45:75].mean() > 0.9
    # Beyond the feathered edge, eight pixels wide, nothing changed.
    difference[20:70, 30:90] = False
    assert not difference.any()
    assert pixels_of(reworked).shape == (96, 128, 3)
    assert balance(user) == 98
