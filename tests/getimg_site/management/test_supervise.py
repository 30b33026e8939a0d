"""The drawing worker starts with whole weights or not at all."""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from generation import catalog, catalog_shapes
from generation.checksums import hash_file
from generation.starter.upscaler import FILE_NAME


@pytest.mark.parametrize("name", ["weights/vae/diffusion_pytorch_model.safetensors", f"upscaler_weights/{FILE_NAME}"])
def test_a_damaged_model_that_ships_stops_the_start_with_file_and_checksum(
    name: str, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.ENGINE_BACKEND = "diffusers"
    for folder in ("weights", "upscaler_weights"):
        shutil.copytree(catalog.STARTER_FOLDER.with_name(folder), tmp_path / folder)
    monkeypatch.setattr(catalog_shapes, "STARTER_FOLDER", tmp_path / "weights")
    damaged = tmp_path / name
    expected = hash_file(damaged)
    os.truncate(damaged, 1_000)

    with pytest.raises(CommandError) as refusal:
        call_command("supervise", "gpu")

    assert str(damaged) in str(refusal.value)
    assert expected in str(refusal.value)
