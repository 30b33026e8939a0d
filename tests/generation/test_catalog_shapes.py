from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django import Settings

from generation import catalog
from generation.catalog_shapes import CatalogModel, Size
from generation.catalog_tools import UPSCALER_SLUG

STARTER = catalog.MODELS[catalog.DEFAULT_SLUG]


def large_model() -> CatalogModel:
    return next(model for model in catalog.MODELS.values() if model.family == "stable-diffusion-xl")


def test_a_size_is_named_by_its_sides() -> None:
    assert (Size("4:3", 128, 96).value, Size("4:3", 128, 96).area) == ("128x96", 12288)


def test_a_model_is_installed_when_its_index_file_is_there(tmp_path: Path, settings: Settings) -> None:
    settings.MODELS_DIR = tmp_path
    model = large_model()
    assert not model.is_installed

    (tmp_path / model.slug).mkdir()
    (tmp_path / model.slug / model.index_file).write_text("{}")

    assert model.is_installed


def test_a_model_with_an_adapter_that_is_not_there_is_not_installed() -> None:
    assert STARTER.is_installed
    assert not replace(STARTER, adapter="no_such_adapter").is_installed


def test_what_ships_lies_beside_the_starter_and_needs_no_download(tmp_path: Path, settings: Settings) -> None:
    settings.MODELS_DIR = tmp_path
    upscaler = catalog.MODELS[UPSCALER_SLUG]
    assert upscaler.is_installed
    assert upscaler.folder.parent == STARTER.folder.parent
    assert replace(upscaler, ships_in="").folder == tmp_path / UPSCALER_SLUG


def test_a_built_in_method_has_no_folder_and_is_always_there() -> None:
    lanczos = next(tool for tool in catalog.MODELS.values() if tool.slug == "lanczos")
    assert lanczos.is_built_in
    assert lanczos.is_installed
    assert lanczos.spec().folder == ""


@pytest.mark.parametrize(("side", "share"), [(1, 1), (2, 4)])
def test_larger_pictures_share_a_pass_with_fewer(side: int, share: int, settings: Settings) -> None:
    settings.BATCH_SIZE_MAX = 8
    model = replace(STARTER, max_batch=8)
    size = model.default_size

    assert model.batch_size(size.width * side, size.height * side) == 8 // share


def test_at_least_one_picture_goes_through() -> None:
    assert STARTER.batch_size(8192, 8192) == 1
