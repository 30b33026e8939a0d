"""A model's files are checked before they are read, and what is wrong is said of the file that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from generation.checksums import write_checksums
from generation.inference.errors import ModelDamaged, ModelMissing
from generation.inference.weights import check_part, check_weights

WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that looks like a model of two parts, 24 and 6 numbers."""
    index = {"unet": ["diffusers", "UNet"], "vae": ["diffusers", "AE"], "text_encoder": [None, None], "_name": "x"}
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    for name, shape in (("unet", (2, 3, 4)), ("vae", (6,))):
        (tmp_path / name).mkdir()
        save_file({"weight": torch.zeros(shape)}, tmp_path / name / WEIGHTS)
    return tmp_path


def test_a_whole_model_is_counted(folder: Path) -> None:
    files = check_weights(folder)
    assert (files.variant, files.num_values) == (None, 30)


@pytest.mark.parametrize("name", ["", "nothing here"])
def test_a_folder_without_a_model_is_a_missing_model(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelMissing) as caught:
        check_weights(tmp_path / name)
    assert caught.value.path == tmp_path / name


@pytest.mark.parametrize("kept_bytes", [0, 5, 40, -1])
def test_a_file_that_was_cut_short_is_named(folder: Path, kept_bytes: int) -> None:
    path = folder / "unet" / WEIGHTS
    path.write_bytes(path.read_bytes()[:kept_bytes])
    with pytest.raises(ModelDamaged, match=WEIGHTS) as caught:
        check_weights(folder)
    assert caught.value.path == path


@pytest.mark.parametrize("content", [b"\x10\0\0\0\0\0\0\0" + b"x" * 20, b"\xff" * 64, b"\x02\0\0\0\0\0\0\0[]"])
def test_a_file_with_another_header_is_named(folder: Path, content: bytes) -> None:
    path = folder / "vae" / WEIGHTS
    path.write_bytes(content)
    with pytest.raises(ModelDamaged) as caught:
        check_weights(folder)
    assert caught.value.path == path


def test_a_file_whose_content_changed_is_named_where_checksums_are_kept(folder: Path) -> None:
    write_checksums(folder)
    check_weights(folder)
    path = folder / "unet" / WEIGHTS
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(ModelDamaged, match="sha256") as caught:
        check_weights(folder)
    assert caught.value.path == path


def test_a_part_that_is_missing_is_named(folder: Path) -> None:
    (folder / "vae" / WEIGHTS).unlink()
    with pytest.raises(ModelDamaged, match="no safetensors") as caught:
        check_weights(folder)
    assert caught.value.path == folder / "vae"
    (folder / "vae").rmdir()
    with pytest.raises(ModelDamaged, match="missing"):
        check_weights(folder)


@pytest.mark.parametrize("name", ["diffusion_pytorch_model.bin", "model.ckpt", "weights.pt"])
def test_a_pickle_is_refused_by_name(folder: Path, name: str) -> None:
    (folder / "unet" / WEIGHTS).rename(folder / "unet" / name)
    with pytest.raises(ModelDamaged, match="pickle") as caught:
        check_weights(folder)
    assert caught.value.path == folder / "unet" / name


def test_a_pickle_beside_safetensors_is_left_alone(folder: Path) -> None:
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"never read")
    assert check_weights(folder).num_values == 30


def test_the_half_precision_variant_is_found_where_it_is_all_there_is(folder: Path) -> None:
    half = folder / "unet" / "diffusion_pytorch_model.fp16.safetensors"
    (folder / "unet" / WEIGHTS).rename(half)
    assert check_weights(folder).variant == "fp16"
    save_file({"weight": torch.zeros(2, 3, 4)}, folder / "unet" / WEIGHTS)
    assert check_weights(folder).variant is None


def test_shards_are_counted_together_and_other_variants_are_not(folder: Path) -> None:
    (folder / "unet" / WEIGHTS).unlink()
    for index in (1, 2):
        path = folder / "unet" / f"diffusion_pytorch_model.fp16-0000{index}-of-00002.safetensors"
        save_file({f"weight{index}": torch.zeros(index)}, path)
    save_file({"weight": torch.zeros(100)}, folder / "unet" / "diffusion_pytorch_model.non_ema.safetensors")
    files = check_weights(folder)
    assert (files.variant, files.num_values) == ("fp16", 9)


def test_parts_from_elsewhere_are_not_looked_for(folder: Path) -> None:
    (folder / "vae" / WEIGHTS).unlink()
    assert check_weights(folder, outside=frozenset({"vae"})).num_values == 24


@pytest.mark.parametrize("content", ["{", "[]"])
def test_an_index_that_is_none_is_named(folder: Path, content: str) -> None:
    (folder / "model_index.json").write_text(content)
    with pytest.raises(ModelDamaged, match="model_index"):
        check_weights(folder)


def test_a_tool_that_came_with_checksums_is_compared_with_them(folder: Path) -> None:
    write_checksums(folder / "vae")
    check_part(folder / "vae")
    path = folder / "vae" / WEIGHTS
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(ModelDamaged, match="sha256") as caught:
        check_part(folder / "vae")
    assert caught.value.path == path
