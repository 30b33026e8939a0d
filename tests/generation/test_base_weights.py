"""Other weights have another checksum; a list that came with the files is believed, and else they are read."""

from dataclasses import replace
from pathlib import Path

import pytest

from generation import base_weights, catalog
from generation.catalog import CatalogModel
from generation.models import CustomModel, InstalledModel
from tests.generation.base_models import movable, put_weights

pytestmark = pytest.mark.django_db


@pytest.fixture
def starter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: object) -> CatalogModel:
    monkeypatch.setattr(catalog, "MODELS", movable(tmp_path))
    return catalog.MODELS["starter"]


def test_other_weights_have_another_checksum(starter: CatalogModel) -> None:
    first = base_weights.checksum_of(starter)
    put_weights("second")
    second = base_weights.checksum_of(starter)
    put_weights("first")
    assert (len(first), first == second, base_weights.checksum_of(starter)) == (64, False, first)


def test_what_shows_nothing_of_the_pictures_is_left_out(starter: CatalogModel) -> None:
    first = base_weights.checksum_of(starter)
    (starter.folder / "checksums.json").write_text(
        '{"unet/diffusion_pytorch_model.safetensors": "first", "model_index.json": "other", '
        '"few_steps/pytorch_lora_weights.safetensors": "other"}'
    )
    assert base_weights.checksum_of(starter) == first


def test_the_checksums_of_the_download_are_believed(starter: CatalogModel) -> None:
    (starter.folder / "checksums.json").unlink()
    pinned = {"unet/diffusion_pytorch_model.safetensors": "pinned"}
    InstalledModel.objects.create(slug="starter", hub_id="a/b", revision="c", checksums=pinned, size_bytes=1)
    first = base_weights.checksum_of(starter)
    InstalledModel.objects.update(checksums={"unet/diffusion_pytorch_model.safetensors": "other"})
    assert base_weights.checksum_of(starter) != first


def test_files_that_nobody_listed_are_read(starter: CatalogModel) -> None:
    (starter.folder / "checksums.json").unlink()
    assert base_weights.checksum_of(starter) == ""
    weights = starter.folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"first")
    first = base_weights.checksum_of(starter)
    weights.write_bytes(b"the second")
    assert "" != base_weights.checksum_of(starter) != first


def test_a_model_says_whether_its_base_was_replaced(starter: CatalogModel) -> None:
    model = CustomModel(base_model="starter", base_sha256=base_weights.checksum_of(starter))
    assert not base_weights.was_replaced(model)
    put_weights("second")
    assert base_weights.was_replaced(model)
    assert not base_weights.was_replaced(CustomModel(base_model="starter"))
    assert not base_weights.was_replaced(CustomModel(base_model="gone", base_sha256="0" * 64))


def test_the_starters_own_list_holds_its_weights() -> None:
    starter = catalog.MODELS["starter"]
    assert base_weights.checksum_of(starter)
    # The same weights, drawn with in fewer steps.
    assert base_weights.checksum_of(replace(starter, adapter="few_steps")) == base_weights.checksum_of(starter)
