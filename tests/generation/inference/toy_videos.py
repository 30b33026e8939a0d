"""Models that make videos, at toy size: real classes with random weights, saved as their makers publish them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLLTXVideo,
    AutoencoderKLTemporalDecoder,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    LTXConditionPipeline,
    LTXVideoTransformer3DModel,
    StableVideoDiffusionPipeline,
    UNetSpatioTemporalConditionModel,
)
from transformers import (
    CLIPImageProcessor,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    T5Config,
    T5EncoderModel,
)

from generation.engine.protocol import ModelSpec
from tests.generation.inference import toys

_WIDTH = 32


def save_stable_video_diffusion(folder: Path) -> None:
    """Save a Stable Video Diffusion: a latent spans two pixels."""
    torch.manual_seed(0)
    eye = CLIPVisionConfig(
        hidden_size=_WIDTH, projection_dim=_WIDTH, num_hidden_layers=1, num_attention_heads=2, image_size=224,
        intermediate_size=37, patch_size=56,
    )  # fmt: skip
    StableVideoDiffusionPipeline(
        vae=AutoencoderKLTemporalDecoder(
            block_out_channels=(32, 64),
            down_block_types=("DownEncoderBlock2D",) * 2,
            latent_channels=4,
        ),
        image_encoder=CLIPVisionModelWithProjection(eye),
        unet=UNetSpatioTemporalConditionModel(
            block_out_channels=(_WIDTH, 2 * _WIDTH),
            layers_per_block=1,
            sample_size=16,
            in_channels=8,
            out_channels=4,
            down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
            up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
            cross_attention_dim=_WIDTH,
            num_attention_heads=(2, 4),
            projection_class_embeddings_input_dim=96,
            addition_time_embed_dim=32,
        ),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="v_prediction",
            timestep_spacing="leading", use_karras_sigmas=True, sigma_min=0.002, sigma_max=700.0,
            timestep_type="continuous", steps_offset=1, interpolation_type="linear",
        ),
        feature_extractor=CLIPImageProcessor(crop_size=224, size=224),
    ).save_pretrained(folder)  # fmt: skip


def save_ltx_video(folder: Path) -> None:
    """Save an LTX-Video: a latent spans eight pixels and eight frames, but for the first."""
    torch.manual_seed(0)
    LTXConditionPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=AutoencoderKLLTXVideo(
            latent_channels=8,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1, 1),
            spatio_temporal_scaling=(True, True, False, False),
            decoder_spatio_temporal_scaling=(True, True, False, False),
            decoder_inject_noise=(False, False, False, False, False),
            upsample_residual=(False, False, False, False),
            upsample_factor=(1, 1, 1, 1),
            timestep_conditioning=False,
            patch_size=1,
            patch_size_t=1,
            encoder_causal=True,
            decoder_causal=False,
        ),
        text_encoder=T5EncoderModel(
            T5Config(vocab_size=64, d_model=_WIDTH, d_kv=8, d_ff=64, num_layers=1, num_heads=4)
        ),
        tokenizer=toys.t5_tokenizer(),
        transformer=LTXVideoTransformer3DModel(
            in_channels=8,
            out_channels=8,
            patch_size=1,
            patch_size_t=1,
            num_attention_heads=4,
            attention_head_dim=8,
            cross_attention_dim=_WIDTH,
            num_layers=1,
            caption_channels=_WIDTH,
        ),
    ).save_pretrained(folder)


SAVE: dict[str, Callable[[Path], None]] = {
    "stable-video-diffusion": save_stable_video_diffusion,
    "ltx-video": save_ltx_video,
}
SCHEDULERS = {"stable-video-diffusion": "euler", "ltx-video": "flow-euler"}


def spec_of(folder: Path, family: str) -> ModelSpec:
    """Describe a toy that was saved."""
    return ModelSpec(f"toy-{family}", family, str(folder), "float32")
