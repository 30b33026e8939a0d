"""A checkpoint is whole or not there, and one that cannot be read is none."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
import torch

from generation.inference.training_checkpoint import (
    Checkpoint,
    read_checkpoint,
    read_tensors,
    save_checkpoint,
    write_tensors,
)
from tests.generation.engine.test_scratch import fill_disk_under

CHECKPOINT = Checkpoint(
    7,
    {"unet.a": torch.arange(6.0).reshape(2, 3)},
    {"unet.a": torch.ones(2, 3)},
    {"unet.a": torch.full((2, 3), 0.5)},
    ((1.0, 0.5), (7.0, 0.25)),
    0.25,
)


def test_everything_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    save_checkpoint(path, CHECKPOINT, "recipe")
    found = read_checkpoint(path, "recipe")
    assert found is not None
    assert (found.step, found.points, found.average) == (7, CHECKPOINT.points, 0.25)
    assert torch.equal(found.weights["unet.a"], CHECKPOINT.weights["unet.a"])
    assert torch.equal(found.first_moments["unet.a"], torch.ones(2, 3))
    assert torch.equal(found.second_moments["unet.a"], torch.full((2, 3), 0.5))


def test_none_is_none(tmp_path: Path) -> None:
    assert read_checkpoint(tmp_path / "checkpoint.safetensors", "recipe") is None


def test_that_of_another_recipe_is_none(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    save_checkpoint(path, CHECKPOINT, "recipe")
    assert read_checkpoint(path, "another") is None


def test_a_damaged_one_is_none(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(b"not this")
    assert read_checkpoint(path, "recipe") is None


def test_a_full_disk_is_said_and_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "latents.safetensors"
    write_tensors(path, {"latents": torch.zeros(2)})
    fill_disk_under(path)
    with pytest.raises(OSError, match="No space left") as caught:
        write_tensors(path, {"latents": torch.ones(2)})
    assert caught.value.errno == errno.ENOSPC
    assert torch.equal(read_tensors(path)[0]["latents"], torch.zeros(2))
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
