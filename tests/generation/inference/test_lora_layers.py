"""A LoRA that is put on changes nothing yet, and what is taken off leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file

from generation.inference.loading import LoadedModel
from generation.inference.lora_layers import adapted, write_lora


def test_it_begins_as_nothing_is_written_and_goes(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    unet = toy_model("stable-diffusion").pipeline.unet
    names = set(unet.state_dict())
    sample = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(1))
    before = unet(sample, 10, torch.zeros(1, 5, 32)).sample

    with adapted(unet, rank=2, layers="all", seed=1) as weights:
        assert all(weight.requires_grad and weight.dtype == torch.float32 for weight in weights.values())
        torch.testing.assert_close(unet(sample, 10, torch.zeros(1, 5, 32)).sample, before)
        write_lora(unet, tmp_path / "lora.safetensors", torch.float16)

    tensors = load_file(tmp_path / "lora.safetensors")
    assert len(tensors) == len(weights)
    assert all(name.startswith("unet.") and tensor.dtype == torch.float16 for name, tensor in tensors.items())
    assert set(unet.state_dict()) == names
    assert not any(weight.requires_grad for weight in unet.parameters())


def test_the_same_seed_begins_the_same(toy_model: Callable[[str], LoadedModel]) -> None:
    unet = toy_model("stable-diffusion").pipeline.unet
    found = []
    for seed in (1, 1, 2):
        with adapted(unet, rank=2, layers="attention", seed=seed) as weights:
            found.append(torch.cat([weight.detach().flatten() for weight in weights.values()]))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
