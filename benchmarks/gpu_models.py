"""Models for the GPU's benchmark, made from their configurations with random weights: these cost the time of real ones.

Nothing is downloaded. Tokenizers know letters; so a prompt has other tokens than with the real one, and as many in
all, because every prompt is filled up. What belongs here: networks and their folders. What does not: what they draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, T5Config, T5EncoderModel

from tests.generation.inference import toys

Networks = Mapping[str, Callable[[], Any]]

# Source for all below: the config.json of each part of stable-diffusion-v1-5, stable-diffusion-xl-base-1.0 and
# FLUX.1-schnell; what is not said is diffusers' default, which for the first and the last is the model itself.
_SD_UNET: dict[str, Any] = {"sample_size": 64, "cross_attention_dim": 768, "attention_head_dim": 8}
_SDXL_UNET: dict[str, Any] = {
    "sample_size": 128,
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
_AUTOENCODER: dict[str, Any] = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "sample_size": 512,
}
_FLUX_AUTOENCODER = {
    **_AUTOENCODER,
    "latent_channels": 16,
    "scaling_factor": 0.3611,
    "shift_factor": 0.1159,
    "use_quant_conv": False,
    "use_post_quant_conv": False,
    "sample_size": 1024,
}
_CLIP_L: dict[str, Any] = {
    "vocab_size": 49408,
    "hidden_size": 768,
    "intermediate_size": 3072,
    "projection_dim": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
}
_CLIP_BIG_G: dict[str, Any] = {
    "vocab_size": 49408,
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "projection_dim": 1280,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "hidden_act": "gelu",
}
_T5_XXL: dict[str, Any] = {
    "vocab_size": 32128,
    "d_model": 4096,
    "d_kv": 64,
    "d_ff": 10240,
    "num_layers": 24,
    "num_heads": 64,
    "feed_forward_proj": "gated-gelu",
}
_NOISE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}

FULL: dict[str, Networks] = {
    "stable-diffusion": {
        "unet": lambda: UNet2DConditionModel(**_SD_UNET),
        "vae": lambda: AutoencoderKL(**_AUTOENCODER, latent_channels=4),
        "text_encoder": lambda: CLIPTextModel(_clip(_CLIP_L)),
    },
    "stable-diffusion-xl": {
        "unet": lambda: UNet2DConditionModel(**_SDXL_UNET),
        "vae": lambda: AutoencoderKL(
            **{**_AUTOENCODER, "sample_size": 1024}, latent_channels=4, scaling_factor=0.13025, force_upcast=True
        ),
        "text_encoder": lambda: CLIPTextModel(_clip(_CLIP_L)),
        "text_encoder_2": lambda: CLIPTextModelWithProjection(_clip(_CLIP_BIG_G)),
    },
    "flux": {
        "transformer": lambda: FluxTransformer2DModel(),
        "vae": lambda: AutoencoderKL(**_FLUX_AUTOENCODER),
        "text_encoder": lambda: CLIPTextModel(_clip(_CLIP_L)),
        "text_encoder_2": lambda: T5EncoderModel(T5Config(**_T5_XXL)),
    },
}


def save(family: str, folder: Path, *, size: str, device: str, dtype: torch.dtype) -> None:
    """Write a model of a family, `full` or `toy`; an own folder for each. The weights are drawn on `device`."""
    if size == "toy":
        toys.SAVE[family](folder)
        return
    torch.manual_seed(0)
    with torch.device(device), default_dtype(dtype):
        parts = {name: build() for name, build in FULL[family].items()}
    _PIPELINES[family](parts).save_pretrained(folder)


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """Make what is built of this precision from the start: in float32 the largest would take 67 GB."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _clip(facts: Mapping[str, Any]) -> Any:
    tokens = toys.clip_tokenizer()
    ends = {"bos_token_id": tokens.bos_token_id, "eos_token_id": tokens.eos_token_id}
    return CLIPTextConfig(**facts, **ends, pad_token_id=tokens.pad_token_id)


def _stable_diffusion(parts: Mapping[str, Any]) -> Any:
    return StableDiffusionPipeline(
        **parts,
        tokenizer=toys.clip_tokenizer(),
        scheduler=DDIMScheduler(**_NOISE, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _stable_diffusion_xl(parts: Mapping[str, Any]) -> Any:
    return StableDiffusionXLPipeline(
        **parts,
        tokenizer=toys.clip_tokenizer(),
        tokenizer_2=toys.clip_tokenizer(),
        scheduler=EulerDiscreteScheduler(**_NOISE),
        force_zeros_for_empty_prompt=True,
    )


def _flux(parts: Mapping[str, Any]) -> Any:
    return FluxPipeline(
        **parts,
        tokenizer=toys.clip_tokenizer(),
        tokenizer_2=toys.t5_tokenizer(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=1.0),
    )


_PIPELINES: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "stable-diffusion": _stable_diffusion,
    "stable-diffusion-xl": _stable_diffusion_xl,
    "flux": _flux,
}
