"""From a folder to a pipeline that is ready; what a folder says wrongly is an error that names it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from generation.engine.protocol import ModelSpec
from generation.inference import loading
from generation.inference.errors import ModelDamaged
from generation.inference.loading import LoadedModel
from tests.generation.inference import toys
from tests.generation.inference.conftest import CPU, copy_of, load_model

PARTS = {
    "stable-diffusion": {"unet", "vae", "text_encoder"},
    "stable-diffusion-xl": {"unet", "vae", "text_encoder", "text_encoder_2"},
    "flux": {"transformer", "vae", "text_encoder", "text_encoder_2"},
}


@pytest.mark.parametrize("family", toys.SAVE)
def test_each_family_is_built_with_its_own_class(family: str, toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model(family)
    modules = {name for name, part in model.pipeline.components.items() if isinstance(part, torch.nn.Module)}
    assert modules == PARTS[family]
    assert model.latent_scale == 2
    assert model.scheduler_config["num_train_timesteps"] == 1000


@pytest.mark.parametrize("family", toys.SAVE)
def test_what_a_model_takes_is_known_before_it_is_read(
    family: str, toy_spec: Callable[[str], ModelSpec], toy_model: Callable[[str], LoadedModel]
) -> None:
    _, size_bytes = loading.inspect(toy_spec(family), CPU)
    # Some positions are counted anew in memory and are not in the files.
    assert size_bytes == pytest.approx(toy_model(family).size_bytes, rel=0.01)
    assert size_bytes > 100_000


def test_weights_saved_in_half_precision_are_drawn_with_in_full_on_a_cpu(
    tmp_path: Path, toy_model: Callable[[str], LoadedModel]
) -> None:
    toys.save_stable_diffusion(tmp_path, variant="fp16", dtype=torch.float16)
    assert (tmp_path / "unet" / "diffusion_pytorch_model.fp16.safetensors").is_file()
    model = load_model(toys.spec_of(tmp_path, "stable-diffusion"))
    assert model.pipeline.unet.dtype is torch.float32
    assert model.size_bytes == toy_model("stable-diffusion").size_bytes


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("unet/config.json", {"cross_attention_dim": 8}),
        ("unet/config.json", {"down_block_types": ["NoSuchBlock", "NoSuchBlock"]}),
        ("model_index.json", {"unet": ["diffusers", "NoSuchModel"]}),
        ("model_index.json", {"vae": ["a_module_of_their_own", "Autoencoder"]}),
    ],
)
def test_files_that_are_whole_and_make_no_model_are_damaged(
    name: str, change: dict[str, object], tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    spec = copy_of(toy_spec("stable-diffusion"), tmp_path / "model")
    path = tmp_path / "model" / name
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ModelDamaged) as caught:
        load_model(spec)
    assert caught.value.path == tmp_path / "model"


def test_a_missing_configuration_is_damaged(tmp_path: Path, toy_spec: Callable[[str], ModelSpec]) -> None:
    spec = copy_of(toy_spec("flux"), tmp_path / "model")
    (tmp_path / "model" / "transformer" / "config.json").unlink()
    with pytest.raises(ModelDamaged, match="config"):
        load_model(spec)


def test_code_that_lies_beside_the_weights_is_not_run(tmp_path: Path, toy_spec: Callable[[str], ModelSpec]) -> None:
    spec = copy_of(toy_spec("stable-diffusion"), tmp_path / "model")
    proof = tmp_path / "it ran"
    (tmp_path / "model" / "unet" / "mine.py").write_text(f"open({str(proof)!r}, 'w')\nclass Mine: pass\n")
    index = tmp_path / "model" / "model_index.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), "unet": ["mine", "Mine"]}))
    with pytest.raises(ModelDamaged):
        load_model(spec)
    assert not proof.exists()
