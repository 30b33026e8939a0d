"""The models of the GPU's benchmark are as large as those whose names they have; no weight is made to see it."""

from __future__ import annotations

import pytest
import torch

from benchmarks import gpu_flops
from benchmarks.gpu_models import FULL, default_dtype

MILLION = 1_000_000
# Millions of parameters. Source: the model cards, and the files of each part.
SIZES = {
    "stable-diffusion": {"unet": 859.5, "vae": 83.7, "text_encoder": 123.1},
    "stable-diffusion-xl": {"unet": 2567.5, "vae": 83.7, "text_encoder": 123.1, "text_encoder_2": 694.7},
    "flux": {"transformer": 11891.2, "vae": 83.8, "text_encoder": 123.1, "text_encoder_2": 4762.3},
}


@pytest.mark.parametrize("family", FULL)
def test_each_part_has_as_many_parameters_as_the_real_one(family: str) -> None:
    with torch.device("meta"), default_dtype(torch.bfloat16):
        parts = {name: build() for name, build in FULL[family].items()}
    found = {
        name: round(sum(weight.numel() for weight in part.parameters()) / MILLION, 1) for name, part in parts.items()
    }
    assert found == SIZES[family]
    assert {weight.dtype for part in parts.values() for weight in part.parameters()} == {torch.bfloat16}
    assert torch.get_default_dtype() is torch.float32


def test_the_arithmetic_of_a_picture_is_counted_without_doing_it() -> None:
    # 25 steps of 1.6066 TFLOP, and the decoder's 2.5.
    counted = gpu_flops.of_picture("stable-diffusion", 512, 25)
    assert counted == pytest.approx(42.6e12, rel=0.02)
