"""Build the starter's networks from nothing: the autoencoder and the UNet, at full and at toy size.

What belongs here: architecture and initial weights. What does not: training (``autoencoder_training``,
``unet_training``), loading of trained weights (``loading``).

The autoencoder does not start from noise: its residual branches are zero and its skip path averages
8 x 8 pixels down and interpolates them up again, so that colours are right before the first step and
training only adds detail. Trained from random weights, the same network loses whole hues: its group
norms hide the absolute colour of a picture, and it takes hours to find a way round.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from diffusers.models.downsampling import Downsample2D
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.upsampling import Upsample2D
from torch import nn

LATENT_CHANNELS = 4
PIXELS_PER_LATENT = 8
TEXT_WIDTH = 384
_NORM_GROUPS = 4
# Constant channels beside the colours make the last norm's scale nearly the same for every picture.
_CONSTANT = 4.0
# SiLU is almost a straight line around this input.
_SILU_POINT = 3.0


@dataclass(frozen=True)
class Sizes:
    """Widths of both networks, from the finest level to the coarsest."""

    vae_channels: tuple[int, int, int, int] = (24, 48, 96, 128)
    unet_channels: tuple[int, int, int, int] = (64, 128, 256, 240)
    unet_heads: int = 4


TOY = Sizes(vae_channels=(24, 24, 24, 24), unet_channels=(16, 32, 32, 32), unet_heads=2)


def make_scheduler() -> DDIMScheduler:
    """Make the noise schedule that the model is trained with: v-prediction, zero terminal SNR."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        steps_offset=1,
        clip_sample=False,
    )


@torch.no_grad()
def make_unet(sizes: Sizes = Sizes(), sample_size: int = 16) -> UNet2DConditionModel:
    """Make the UNet; ``sample_size`` is the latent's side, an eighth of the picture's."""
    unet = UNet2DConditionModel(
        sample_size=sample_size,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        # Attention where the picture is 4 x 4 and, in the middle, 2 x 2: finer levels cost most and bring least.
        # From 2 x 2 up, the edges of each convolution tell the network where it is: out of pure noise it has to
        # know that before it can place anything.
        down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        block_out_channels=sizes.unet_channels,
        layers_per_block=1,
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=sizes.unet_heads,
        norm_num_groups=16,
        # A pooled view of the caption joins the time embedding, which reaches every block:
        # names are learned several times sooner than through cross-attention alone.
        addition_embed_type="text",
        addition_embed_type_num_heads=8,
    )
    # Residual branches start at zero, so that the first steps train a shallow network.
    for module in unet.modules():
        if isinstance(module, ResnetBlock2D):
            module.conv2.weight.zero_()
    unet.conv_out.weight.zero_()
    return unet


@torch.no_grad()
def make_vae(sizes: Sizes = Sizes(), sample_size: int = 128) -> AutoencoderKL:
    """Make the autoencoder, set up as a smooth 8 x reduction and its inverse."""
    vae = AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=sizes.vae_channels,
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=_NORM_GROUPS,
        sample_size=sample_size,
        scaling_factor=1.0,
        mid_block_add_attention=False,
    )
    for module in vae.modules():
        _open_skip_path(module)
    _pass_through(vae.encoder.conv_in, 3)
    _pass_through(vae.decoder.conv_in, LATENT_CHANNELS)
    _undo_norm(vae.encoder.mid_block.resnets[-1], vae.encoder.conv_norm_out, vae.encoder.conv_out)
    _undo_norm(vae.decoder.up_blocks[-1].resnets[-1], vae.decoder.conv_norm_out, vae.decoder.conv_out)
    # Log-variance of the posterior: constant and small, the noise of training is added by hand.
    vae.encoder.conv_out.weight[LATENT_CHANNELS:] = 0
    vae.encoder.conv_out.bias[LATENT_CHANNELS:] = -7
    for convolution in (vae.quant_conv, vae.post_quant_conv):
        convolution.weight.zero_()
        convolution.bias.zero_()
        _add_identity(convolution.weight, len(convolution.weight))
    return vae


@torch.no_grad()
def fold_normalisation(vae: AutoencoderKL, mean: torch.Tensor, std: torch.Tensor) -> None:
    """Make the latents of ``vae`` zero-mean and unit-variance, given their (4,) mean and std.

    The change goes into the 1 x 1 convolutions on both sides of the latent, so pictures stay the same.
    """
    quant, post = vae.quant_conv, vae.post_quant_conv
    quant.weight[:LATENT_CHANNELS] /= std[:, None, None, None]
    quant.bias[:LATENT_CHANNELS] = (quant.bias[:LATENT_CHANNELS] - mean) / std
    post.bias += post.weight[:, :, 0, 0] @ mean
    post.weight *= std[None, :, None, None]


def _open_skip_path(module: nn.Module) -> None:
    """Silence residual branches; let resampling average and interpolate each channel by itself."""
    if isinstance(module, ResnetBlock2D):
        module.conv2.weight.zero_()
        module.conv2.bias.zero_()
        if module.conv_shortcut is not None:
            shared = min(module.conv_shortcut.weight.shape[:2])
            module.conv_shortcut.weight *= 0.5
            module.conv_shortcut.bias.zero_()
            module.conv_shortcut.weight[:shared] = 0
            _add_identity(module.conv_shortcut.weight, shared)
    elif isinstance(module, Downsample2D):
        module.conv.bias.zero_()
        module.conv.weight.zero_()
        for channel in range(len(module.conv.weight)):
            module.conv.weight[channel, channel, :2, :2] = 0.25
    elif isinstance(module, Upsample2D):
        tent = torch.tensor([0.25, 0.5, 0.25])
        module.conv.bias.zero_()
        module.conv.weight.zero_()
        for channel in range(len(module.conv.weight)):
            module.conv.weight[channel, channel] = tent[:, None] * tent[None]


def _pass_through(convolution: nn.Conv2d, channels: int) -> None:
    """Hand the first channels on unchanged; the others keep their random features."""
    assert convolution.bias is not None
    convolution.weight[:channels] = 0
    convolution.bias.zero_()
    _add_identity(convolution.weight, channels)


def _add_identity(weight: torch.Tensor, channels: int) -> None:
    middle_row, middle_column = weight.shape[2] // 2, weight.shape[3] // 2
    for channel in range(min(channels, *weight.shape[:2])):
        weight[channel, channel, middle_row, middle_column] += 1


def _undo_norm(last: ResnetBlock2D, norm: nn.GroupNorm, out: nn.Conv2d) -> None:
    """Bring the three colours, first channels of the first group, through norm and SiLU unchanged.

    Constants of both signs in the same group fix the norm's scale; a bias moves the colours to where
    SiLU is straight; the last convolution takes slope and offset back out.
    """
    assert last.conv2.bias is not None
    assert out.bias is not None
    per_group = norm.num_channels // _NORM_GROUPS
    constants = list(range(per_group))[-2:] if per_group < 10 else list(range(per_group))[-4:]
    half = len(constants) // 2
    last.conv2.bias[constants[:half]] = _CONSTANT
    last.conv2.bias[constants[half:]] = -_CONSTANT
    std = (_CONSTANT**2 * len(constants) / per_group + 0.1) ** 0.5
    norm.bias[:3] = _SILU_POINT
    sigmoid = float(torch.sigmoid(torch.tensor(_SILU_POINT)))
    slope = sigmoid * (1 + _SILU_POINT * (1 - sigmoid))
    out.weight[:3] = 0
    out.bias.zero_()
    for channel in range(3):
        out.weight[channel, channel, 1, 1] = std / slope
        out.bias[channel] = -_SILU_POINT * sigmoid * std / slope
