"""The drawing worker starts with whole weights or not at all."""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from generation import catalog, catalog_shapes
from generation.checksums import hash_file


def test_a_damaged_default_model_stops_the_start_with_file_and_checksum(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.ENGINE_BACKEND = "diffusers"
    folder = shutil.copytree(catalog.STARTER_FOLDER, tmp_path / "weights")
    monkeypatch.setattr(catalog_shapes, "STARTER_FOLDER", folder)
    damaged = folder / "vae" / "diffusion_pytorch_model.safetensors"
    expected = hash_file(damaged)
    os.truncate(damaged, 1_000_000)

    with pytest.raises(CommandError) as refusal:
        call_command("supervise", "gpu")

    assert str(damaged) in str(refusal.value)
    assert expected in str(refusal.value)
