from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from generation import catalog, custom_models, lora_uploads
from generation.errors import CustomModelRefused, LoraRefused
from generation.lora_uploads import Brought
from generation.models import CustomModel
from tests.factories import make_plan
from tests.generation.loras import save_lora
from tests.generation.runs import make_person
from tests.generation.trained import draft

pytestmark = pytest.mark.django_db

STARTER = catalog.MODELS["starter"].folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save_lora(tmp_path / "lora.safetensors", STARTER, rank=6)


def test_a_lora_that_fits_is_a_model_that_can_be_used(file: Path) -> None:
    model = lora_uploads.keep(make_person(), file, Brought("Ink", "starter", "inkz"))
    assert (model.state, model.origin, model.rank, model.trigger_word) == ("ready", "uploaded", 6, "inkz")
    assert default_storage.size(model.weights) == model.size_bytes == file.stat().st_size
    assert CustomModel.objects.usable_by(model.owner).get() == model


def test_two_without_a_trigger_word_stand_side_by_side(file: Path) -> None:
    user = make_person()
    for name in ("One", "Two"):
        lora_uploads.keep(user, file, Brought(name, "starter"))
    assert CustomModel.objects.visible_to(user).count() == 2


@pytest.mark.parametrize(
    ("brought", "field"),
    [
        (Brought("", "starter"), "name"),
        (Brought("x" * 61, "starter"), "name"),
        (Brought("nude woman", "starter"), "name"),
        (Brought("Ink", "starter", "house"), "trigger_word"),
        (Brought("Ink", "gone"), "base_model"),
        (Brought("Ink", "stable-diffusion-xl"), "base_model"),
        (Brought("Ink", "lanczos"), "base_model"),
        (Brought("Ink", "starter", "zwerg"), "trigger_word"),
    ],
)
def test_what_is_refused_keeps_nothing(file: Path, brought: Brought, field: str) -> None:
    user = make_person()
    mine = draft(user)
    with pytest.raises(CustomModelRefused) as refused:
        lora_uploads.keep(user, file, brought)
    assert refused.value.field == field
    assert list(CustomModel.objects.all()) == [mine]


def test_a_file_that_does_not_fit_keeps_nothing_and_takes_no_place(tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(b"PK\x03\x04 torch")
    with pytest.raises(LoraRefused):
        lora_uploads.keep(make_person(), path, Brought("Ink", "starter"))
    assert not CustomModel.objects.exists()


def test_the_plans_room_counts_for_it_too(file: Path) -> None:
    user = make_person()
    make_plan("roomy-100", models_stored=1)
    model = lora_uploads.keep(user, file, Brought("One", "starter"))
    with pytest.raises(CustomModelRefused, match="keeps 1 model"):
        lora_uploads.keep(user, file, Brought("Two", "starter"))
    custom_models.delete(model)
    lora_uploads.keep(user, file, Brought("Two", "starter"))
