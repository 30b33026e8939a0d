"""How much arithmetic a picture is, counted on a network without weights: nothing is computed.

A multiplication and an addition are two operations. Counted are matrix products, convolutions and attention; what else
a network does is thousandths of that.
"""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.gpu_models import FULL
from generation.inference.prompts import FLUX_DISTILLED_TOKENS

_CLIP_TOKENS = 77
_LATENT_SCALE, _FLUX_PACKING = 8, 2


@functools.cache
def of_picture(family: str, side: int, steps: int) -> float:
    """Return the operations of one guided picture (FLUX: one without guidance), square, `side` pixels a side.

    Denoiser and decoder; the text encoders are left out: of these models' arithmetic they are less than a hundredth.
    """
    with torch.device("meta"), torch.inference_mode():
        denoiser = FULL[family]["transformer" if family == "flux" else "unet"]()
        decoder = FULL[family]["vae"]()
        inputs = _INPUTS[family](side // _LATENT_SCALE)
        latents = torch.empty(1, decoder.config.latent_channels, side // _LATENT_SCALE, side // _LATENT_SCALE)
        return steps * _count(lambda: denoiser(**inputs)) + _count(lambda: decoder.decode(latents))


def _count(run: Any) -> float:
    with FlopCounterMode(display=False) as counter:
        run()
    return float(counter.get_total_flops())


def _stable_diffusion(side: int, width: int = 768) -> dict[str, Any]:
    """Return what the denoiser gets at each step: with and without the words, at once."""
    return {
        "sample": torch.empty(2, 4, side, side),
        "timestep": torch.empty(()),
        "encoder_hidden_states": torch.empty(2, _CLIP_TOKENS, width),
    }


def _stable_diffusion_xl(side: int) -> dict[str, Any]:
    conditions = {"text_embeds": torch.empty(2, 1280), "time_ids": torch.empty(2, 6)}
    return {**_stable_diffusion(side, 2048), "added_cond_kwargs": conditions}


def _flux(side: int) -> dict[str, Any]:
    tokens = (side // _FLUX_PACKING) ** 2
    return {
        "hidden_states": torch.empty(1, tokens, 64),
        "encoder_hidden_states": torch.empty(1, FLUX_DISTILLED_TOKENS, 4096),
        "pooled_projections": torch.empty(1, 768),
        "timestep": torch.empty(1),
        "img_ids": torch.empty(tokens, 3),
        "txt_ids": torch.empty(FLUX_DISTILLED_TOKENS, 3),
    }


_INPUTS: dict[str, Any] = {
    "stable-diffusion": _stable_diffusion,
    "stable-diffusion-xl": _stable_diffusion_xl,
    "flux": _flux,
}
