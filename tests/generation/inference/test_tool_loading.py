"""What helps a model is checked before it is built, and counted in bytes like a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.engine.protocol import ModelSpec
from generation.inference.errors import ModelDamaged, ModelMissing
from generation.inference.matting import GrabCut
from generation.inference.matting_model import VitMatte
from generation.inference.tool_loading import build, inspect
from generation.inference.upscale import Lanczos
from tests.generation.inference.conftest import CPU
from tests.generation.inference.toy_tools import save_vitmatte


@pytest.mark.parametrize(("family", "kind"), [("grabcut", GrabCut), ("lanczos", Lanczos)])
def test_a_method_without_files_takes_no_bytes(family: str, kind: type) -> None:
    spec = ModelSpec(family, family, "")
    built = build(spec, CPU)
    assert inspect(spec, CPU) == 0
    assert isinstance(built.tool, kind)
    assert built.size_bytes == 0


def test_a_network_takes_about_what_was_foretold(tmp_path: Path) -> None:
    save_vitmatte(tmp_path)
    spec = ModelSpec("vitmatte", "matting", str(tmp_path), dtype="float32")
    foretold = inspect(spec, CPU)
    built = build(spec, CPU)
    assert isinstance(built.tool, VitMatte)
    assert foretold <= built.size_bytes <= 1.1 * foretold


def test_a_folder_without_a_network_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        inspect(ModelSpec("vitmatte", "matting", str(tmp_path / "nothing")), CPU)


def test_a_network_that_was_cut_short_is_damaged(tmp_path: Path) -> None:
    save_vitmatte(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelDamaged):
        inspect(ModelSpec("vitmatte", "matting", str(tmp_path)), CPU)
