"""A training's pictures lie beside its checkpoints, and go when it is over."""

import os
import time
import uuid
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings
from django.utils import timezone
from PIL import Image as Pillow

from generation import custom_models, lifecycle, storage, training_folder, trainings, uploads
from generation.errors import SourceGone
from generation.models import Job
from tests.generation.trainees import fit, folder_of, make_trainee, model_of, ordered
from tests.generation.uploads import png_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder_of_its_own(settings: LazySettings, tmp_path: Path) -> None:
    settings.TRAININGS_DIR = tmp_path


OLD = time.time() - 3 * 86400


def age(job: Job) -> None:
    folder_of(job).mkdir(parents=True)
    os.utime(folder_of(job), (OLD, OLD))


def test_pictures_are_written_with_their_words() -> None:
    job = ordered(make_trainee())
    first, second, *_ = training_folder.write_pictures(job, model_of(job))
    assert first.prompt == second.prompt == "a zwerg object"
    assert np.load(first.path).shape == (256, 256, 3)
    assert not np.array_equal(np.load(first.path), np.load(second.path))


def test_a_caption_is_among_the_words_of_its_picture() -> None:
    model = fit(make_trainee())
    custom_models.caption(model.pictures.all()[1], "on a beach")
    job = trainings.start(model, model.owner, "press")
    first, second, *_ = training_folder.write_pictures(job, model)
    assert (first.prompt, second.prompt) == ("a zwerg object", "a zwerg object, on a beach")


def test_a_picture_whose_writing_was_cut_short_is_written_anew() -> None:
    job = ordered(make_trainee())
    folder = folder_of(job)
    folder.mkdir(parents=True)
    (folder / "picture-0.npy.part").write_bytes(b"\x93NUMPY, and then the power went")
    first, *_ = training_folder.write_pictures(job, model_of(job))
    assert np.load(first.path).shape == (256, 256, 3)
    assert not list(folder.glob("*.part"))


def test_transparent_places_are_white() -> None:
    user = make_trainee()
    model = fit(user)
    glass = Pillow.new("RGBA", (300, 300), (255, 0, 0, 0))
    glass.paste((0, 0, 255, 255), (100, 100, 200, 200))
    custom_models.add_picture(model, uploads.keep(user, png_of(glass)).upload)
    job = trainings.start(model, user, "press")
    *_, picture = training_folder.write_pictures(job, model_of(job))
    assert np.load(picture.path)[0, 0].tolist() == [255, 255, 255]
    assert np.load(picture.path)[150, 150].tolist() == [0, 0, 255]


def test_a_picture_without_its_file_is_gone() -> None:
    job = ordered(make_trainee())
    picture = model_of(job).pictures.first()
    assert picture is not None
    storage.delete(picture.upload.file)
    with pytest.raises(SourceGone):
        training_folder.write_pictures(job, model_of(job))


def test_what_is_over_is_swept_and_what_waits_stays() -> None:
    user = make_trainee()
    waiting, canceled = ordered(user), ordered(user, trigger_word="zwerg2")
    for job in (waiting, canceled):
        age(job)
    (folder_of(waiting).parent / "something else").mkdir()
    lifecycle.cancel(canceled)
    assert training_folder.remove_old() == 1
    assert sorted(each.name for each in folder_of(waiting).parent.iterdir()) == sorted(
        [waiting.pk.hex, "something else"]
    )
    training_folder.remove(waiting)
    training_folder.remove(waiting)
    assert not folder_of(waiting).exists()


def test_what_a_worker_may_still_be_at_stays_for_a_while() -> None:
    job = ordered(make_trainee())
    assert lifecycle.claim_training("w1") is not None
    age(job)
    lifecycle.cancel(job)
    assert training_folder.remove_old() == 0
    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=11))
    assert training_folder.remove_old() == 1


def test_a_folder_of_no_known_training_goes_after_a_day(tmp_path: Path) -> None:
    young, old = (tmp_path / uuid.uuid4().hex for _ in range(2))
    young.mkdir()
    old.mkdir()
    os.utime(old, (OLD, OLD))
    assert training_folder.remove_old() == 1
    assert (young.exists(), old.exists()) == (True, False)


def test_nothing_is_there_before_the_first_training(settings: LazySettings, tmp_path: Path) -> None:
    settings.TRAININGS_DIR = tmp_path / "none"
    assert training_folder.remove_old() == 0
