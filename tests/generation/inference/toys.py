"""Models of each family at toy size, made here from configurations, with random weights: real classes, no downloads."""

from __future__ import annotations

import string
from collections.abc import Callable
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
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

from generation.engine.protocol import ModelSpec

# Two levels of autoencoder: a latent spans two pixels. FLUX packs two of those.
SIDE = 32
_WIDTH = 32
_SPECIAL = ["<|startoftext|>", "<|endoftext|>"]


def save_stable_diffusion(folder: Path, dtype: torch.dtype = torch.float32, variant: str | None = None) -> None:
    """Save a Stable Diffusion of a million weights."""
    torch.manual_seed(0)
    pipeline = StableDiffusionPipeline(
        vae=_autoencoder(4),
        text_encoder=CLIPTextModel(_clip_config()),
        tokenizer=clip_tokenizer(),
        unet=unet(cross_attention_dim=_WIDTH),
        scheduler=DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, steps_offset=1
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.to(dtype).save_pretrained(folder, variant=variant)


def save_stable_diffusion_xl(folder: Path) -> None:
    """Save a Stable Diffusion XL: two text encoders, sizes as conditions, zeros for no negative prompt."""
    torch.manual_seed(0)
    StableDiffusionXLPipeline(
        vae=_autoencoder(4),
        text_encoder=CLIPTextModel(_clip_config()),
        text_encoder_2=CLIPTextModelWithProjection(_clip_config()),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        unet=unet(
            cross_attention_dim=2 * _WIDTH,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            # Six numbers of sizes, eight values each, and the pooled text.
            projection_class_embeddings_input_dim=6 * 8 + _WIDTH,
        ),
        scheduler=EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"),
        force_zeros_for_empty_prompt=True,
    ).save_pretrained(folder)


def save_flux(folder: Path, *, guidance_embeds: bool = False) -> None:
    """Save a FLUX: a transformer over packed latents, CLIP and T5; with `guidance_embeds` the undistilled kind."""
    torch.manual_seed(0)
    FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=_autoencoder(4, shift_factor=0.1, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=CLIPTextModel(_clip_config()),
        tokenizer=clip_tokenizer(),
        text_encoder_2=T5EncoderModel(
            T5Config(vocab_size=64, d_model=_WIDTH, d_kv=8, d_ff=64, num_layers=1, num_heads=4)
        ),
        tokenizer_2=t5_tokenizer(),
        transformer=FluxTransformer2DModel(
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=_WIDTH,
            pooled_projection_dim=_WIDTH,
            axes_dims_rope=(4, 4, 8),
            guidance_embeds=guidance_embeds,
        ),
    ).save_pretrained(folder)


SAVE: dict[str, Callable[[Path], None]] = {
    "stable-diffusion": save_stable_diffusion,
    "stable-diffusion-xl": save_stable_diffusion_xl,
    "flux": save_flux,
}
SCHEDULERS = {"stable-diffusion": "ddim", "stable-diffusion-xl": "euler", "flux": "flow-euler"}


def spec_of(folder: Path, family: str, slug: str = "") -> ModelSpec:
    """Describe a toy that was saved."""
    return ModelSpec(slug or f"toy-{family}", family, str(folder), "float32")


def _autoencoder(latent_channels: int, **changes: Any) -> Any:
    return AutoencoderKL(
        block_out_channels=(16, 32),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=latent_channels,
        norm_num_groups=8,
        sample_size=SIDE,
        **changes,
    )


def unet(**changes: Any) -> Any:
    """Return a denoiser of half a million weights."""
    return UNet2DConditionModel(
        sample_size=SIDE // 2,
        block_out_channels=(_WIDTH, 2 * _WIDTH),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        attention_head_dim=2,
        norm_num_groups=8,
        **changes,
    )


def _clip_config() -> Any:
    return CLIPTextConfig(
        vocab_size=len(_clip_vocabulary()),
        hidden_size=_WIDTH,
        intermediate_size=64,
        projection_dim=_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )


def _clip_vocabulary() -> dict[str, int]:
    """Return each letter, within a word and at its end."""
    words = [*_SPECIAL, *string.ascii_lowercase, *(f"{letter}</w>" for letter in string.ascii_lowercase)]
    return {word: index for index, word in enumerate(words)}


def clip_tokenizer() -> Any:
    """Return a tokenizer of letters."""
    return CLIPTokenizer(vocab=_clip_vocabulary(), merges=[], model_max_length=77)


def t5_tokenizer() -> Any:
    """Return a tokenizer of letters."""
    letters = [("▁", -2.0), *((letter, -3.0) for letter in string.ascii_lowercase)]
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *letters]
    return T5Tokenizer(vocab=vocabulary, extra_ids=0, model_max_length=512)
