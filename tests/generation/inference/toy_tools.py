"""What helps a model, at toy size: real classes with random weights, saved as their makers publish them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from diffusers import (
    ControlNetModel,
    FluxControlNetModel,
    FluxKontextPipeline,
    StableDiffusionInstructPix2PixPipeline,
)
from transformers import (
    Swin2SRConfig,
    Swin2SRForImageSuperResolution,
    VitDetConfig,
    VitMatteConfig,
    VitMatteForImageMatting,
)

from generation.engine.protocol import ModelSpec
from generation.inference.loading import LoadedModel, load_tool
from generation.inference.tool_loading import LoadedTool
from tests.generation.inference import toys
from tests.generation.inference.conftest import CPU


def save_vitmatte(folder: Path) -> None:
    """Save a matting network of 30,000 weights."""
    torch.manual_seed(0)
    backbone = VitDetConfig(
        num_channels=4,
        image_size=64,
        pretrain_image_size=64,
        patch_size=16,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        out_features=["stage1"],
    )
    sizes = {"convstream_hidden_sizes": [8, 8, 16], "fusion_hidden_sizes": [16, 16, 8, 8]}
    VitMatteForImageMatting(VitMatteConfig(backbone_config=backbone, hidden_size=16, **sizes)).save_pretrained(folder)


def save_swin2sr(folder: Path, upscale: int = 2) -> None:
    """Save a network that enlarges."""
    torch.manual_seed(0)
    config = Swin2SRConfig(embed_dim=12, depths=[1], num_heads=[2], window_size=4, image_size=16, upscale=upscale)
    Swin2SRForImageSuperResolution(config).save_pretrained(folder)


def save_controlnet(folder: Path, model: LoadedModel) -> None:
    """Save a ControlNet for a toy; as made it adds nothing, so what is zero in it gets values."""
    torch.manual_seed(0)
    if model.is_flux:
        network = FluxControlNetModel.from_transformer(
            model.pipeline.transformer, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2
        )
        zeros = [network.controlnet_x_embedder, *network.controlnet_blocks, *network.controlnet_single_blocks]
    else:
        # The map comes in at the latents' size: halved once for every level of the toy's autoencoder but one.
        network = ControlNetModel.from_unet(model.pipeline.unet, conditioning_embedding_out_channels=(16, 32))
        zeros = [
            network.controlnet_cond_embedding.conv_out,
            network.controlnet_mid_block,
            *network.controlnet_down_blocks,
        ]
    for layer in zeros:
        torch.nn.init.normal_(layer.weight, std=0.2)
    network.save_pretrained(folder)


def save_instruct(folder: Path, like: LoadedModel) -> None:
    """Save a model that follows instructions, of a toy's parts; InstructPix2Pix's UNet sees the picture as well."""
    torch.manual_seed(0)
    if like.is_flux:
        FluxKontextPipeline(**like.pipeline.components).save_pretrained(folder)
        return
    parts = {**like.pipeline.components, "unet": toys.unet(cross_attention_dim=32, in_channels=8)}
    StableDiffusionInstructPix2PixPipeline(**parts, requires_safety_checker=False).save_pretrained(folder)


INSTRUCT: dict[str, str] = {"instruct-pix2pix": "stable-diffusion", "flux-kontext": "flux"}
SAVE: dict[str, Callable[[Path], None]] = {"matting": save_vitmatte, "upscaler": save_swin2sr}


def tool_of(folder: Path, family: str) -> LoadedTool:
    """Load a tool that was saved."""
    return load_tool(ModelSpec(f"toy-{family}", family, str(folder), "float32"), CPU)
