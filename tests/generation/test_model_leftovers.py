"""Files that no row names are swept once they are old; what is used, or on its way, stays."""

import os
import time
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from generation import custom_models, model_leftovers
from generation.models import CustomModel
from tests.generation.runs import make_person
from tests.generation.trained import lora_file, ready, training

pytestmark = pytest.mark.django_db

LONG_AGO = time.time() - 2 * 3600


@pytest.fixture(autouse=True)
def _scratch_of_its_own(settings: LazySettings, tmp_path: Path) -> None:
    settings.SCRATCH_DIR = tmp_path


def aged(key: str) -> str:
    os.utime(default_storage.path(key), (LONG_AGO, LONG_AGO))
    return key


def orphan(model: CustomModel) -> str:
    """Leave weights without their row, as a kill between the two does."""
    return aged(custom_models.keep_weights(model, lora_file(), rank=4).name)


def test_weights_of_a_killed_attempt_go_and_the_models_own_stay() -> None:
    model = training(make_person())
    left = orphan(model)
    custom_models.add_sample(model, Pillow.new("RGB", (8, 8)), quarter=1, position=0, prompt="a zwerg")
    custom_models.finish(model, custom_models.keep_weights(model, lora_file(), rank=4))
    model.refresh_from_db()
    own = [aged(key) for key in (model.weights, *model.samples.get().files)]

    assert model_leftovers.remove() == 1

    assert not default_storage.exists(left)
    assert all(default_storage.exists(key) for key in own)
    assert model_leftovers.remove() == 0


def test_what_is_on_its_way_to_its_row_stays() -> None:
    young = custom_models.keep_weights(training(make_person()), lora_file(), rank=4).name
    assert model_leftovers.remove() == 0
    assert default_storage.exists(young)


def test_what_a_deletion_was_kept_from_removing_goes() -> None:
    model = ready(make_person())
    custom_models.delete(model)
    left = aged(default_storage.save(f"{custom_models.folder_of(model)}/samples/1/320.webp", ContentFile(b"picture")))
    assert model_leftovers.remove() == 1
    assert not default_storage.exists(left)


def test_copies_of_weights_go_with_their_model(tmp_path: Path) -> None:
    model = ready(make_person())
    for sha256 in (model.sha256, "0" * 64):
        (tmp_path / f"lora-{sha256}").mkdir()
    assert model_leftovers.remove_copies() == 1
    custom_models.delete(model)
    assert model_leftovers.remove_copies() == 1
    assert not list(tmp_path.iterdir())
