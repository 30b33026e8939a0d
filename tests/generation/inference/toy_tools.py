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
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from safetensors.torch import save_file
from transformers import (
    CLIPConfig,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
    DepthAnythingConfig,
    DepthAnythingForDepthEstimation,
    Dinov2Config,
    RfDetrConfig,
    RfDetrDinov2Config,
    RfDetrForInstanceSegmentation,
    Swin2SRConfig,
    Swin2SRForImageSuperResolution,
    VitDetConfig,
    VitMatteConfig,
    VitMatteForImageMatting,
    VitPoseBackboneConfig,
    VitPoseConfig,
    VitPoseForPoseEstimation,
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


def save_segmenter(folder: Path) -> None:
    """Save a network that outlines things."""
    torch.manual_seed(0)
    backbone = RfDetrDinov2Config(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=64,
        patch_size=16,
        num_windows=1,
        out_features=["stage1", "stage2"],
    )
    config = RfDetrConfig(
        backbone_config=backbone,
        d_model=16,
        decoder_ffn_dim=16,
        decoder_layers=1,
        decoder_self_attention_heads=2,
        decoder_cross_attention_heads=2,
        num_queries=8,
        group_detr=1,
        intermediate_size=16,
        c2f_num_blocks=1,
        id2label={0: "person", 1: "dog"},
    )
    RfDetrForInstanceSegmentation(config).save_pretrained(folder)


def save_depth_estimator(folder: Path) -> None:
    """Save a network that tells how near things are."""
    torch.manual_seed(0)
    backbone = Dinov2Config(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        image_size=56,
        patch_size=14,
        out_indices=[1, 2, 3, 4],
        reshape_hidden_states=False,
    )
    config = DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=16,
        neck_hidden_sizes=[8, 8, 16, 16],
        fusion_hidden_size=8,
        head_hidden_size=8,
    )
    DepthAnythingForDepthEstimation(config).save_pretrained(folder)


def save_pose_estimator(folder: Path) -> None:
    """Save a network that finds seventeen points of a person."""
    torch.manual_seed(0)
    labels = {number: str(number) for number in range(17)}
    backbone = VitPoseBackboneConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=[64, 48], out_indices=[1]
    )
    VitPoseForPoseEstimation(VitPoseConfig(backbone_config=backbone, id2label=labels)).save_pretrained(folder)


def save_safety_checker(folder: Path) -> None:
    """Save a Stable Diffusion safety checker, in the layout of CompVis's."""
    torch.manual_seed(0)
    vision = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    vision |= {"image_size": 32, "patch_size": 16}
    config = CLIPConfig(vision_config=vision, projection_dim=16)
    network = StableDiffusionSafetyChecker(config)
    for embeds in (network.concept_embeds, network.special_care_embeds):
        torch.nn.init.normal_(embeds)
    network.save_pretrained(folder)


def save_ip_adapter(folder: Path, model: LoadedModel) -> None:
    """Save an IP-Adapter for a toy, in the layout that h94/IP-Adapter has."""
    torch.manual_seed(0)
    width, tokens = 24, 4
    config = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=32,
        projection_dim=width,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=32,
        patch_size=16,
    )
    CLIPVisionModelWithProjection(config).save_pretrained(folder / "models" / "image_encoder")
    unet = model.pipeline.unet
    across = unet.config.cross_attention_dim
    weights = {
        "image_proj.proj.weight": torch.randn(tokens * across, width),
        "image_proj.proj.bias": torch.zeros(tokens * across),
        "image_proj.norm.weight": torch.ones(across),
        "image_proj.norm.bias": torch.zeros(across),
    }
    crossing = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    for number, name in enumerate(crossing):
        inner = unet.get_submodule(name.removesuffix(".processor")).to_k.out_features
        for part in ("k", "v"):
            weights[f"ip_adapter.{2 * number + 1}.to_{part}_ip.weight"] = 0.5 * torch.randn(inner, across)
    save_file(weights, folder / "models" / "ip-adapter_toy.safetensors")


def save_instruct(folder: Path, like: LoadedModel) -> None:
    """Save a model that follows instructions, of a toy's parts; InstructPix2Pix's UNet sees the picture as well."""
    torch.manual_seed(0)
    if like.is_flux:
        FluxKontextPipeline(**like.pipeline.components).save_pretrained(folder)
        return
    parts = {**like.pipeline.components, "unet": toys.unet(cross_attention_dim=32, in_channels=8)}
    StableDiffusionInstructPix2PixPipeline(**parts, requires_safety_checker=False).save_pretrained(folder)


INSTRUCT: dict[str, str] = {"instruct-pix2pix": "stable-diffusion", "flux-kontext": "flux"}
SAVE: dict[str, Callable[[Path], None]] = {
    "matting": save_vitmatte,
    "upscaler": save_swin2sr,
    "segmenter": save_segmenter,
    "depth-estimator": save_depth_estimator,
    "pose-estimator": save_pose_estimator,
    "safety-checker": save_safety_checker,
}


def tool_of(folder: Path, family: str) -> LoadedTool:
    """Load a tool that was saved."""
    return load_tool(ModelSpec(f"toy-{family}", family, str(folder), "float32"), CPU)
