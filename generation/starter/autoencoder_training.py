"""Train the starter's autoencoder on composed scenes.

What belongs here: its batches, its loss, its loop. What does not: its architecture (``networks``).
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image

from generation.starter.dataset import SceneStream, SpriteShelf, draw
from generation.starter.networks import fold_normalisation
from generation.starter.precision import half_precision
from generation.starter.scenes import Picture
from generation.starter.training import LossLog, Plan, Trainer

# Noise on the latents, relative to their spread: the decoder learns to mend what the UNet gets a little wrong.
LATENT_NOISE = 0.05
# Crops of half the side are four times cheaper; whole scenes come last, because those are what it will see.
CROP_SHARE = 0.6
NORMALISATION_SCENES = 128


def train_autoencoder(
    vae: AutoencoderKL, stream: SceneStream, shelf: SpriteShelf, plan: Plan, checkpoint: Path, size: int,
    *, decoder_only: bool = False,
) -> list[float]:  # fmt: skip
    """Train ``vae`` in place, fold its latents' mean and spread into it, and return the loss of each step.

    ``decoder_only`` keeps the latents as they are, so that a UNet trained on them stays right.
    """
    device = next(vae.parameters()).device
    edges = [vae.encoder.conv_in, vae.encoder.conv_out, vae.decoder.conv_out, vae.quant_conv, vae.post_quant_conv]
    network = torch.nn.ModuleList([vae.decoder]) if decoder_only else vae
    trainer = Trainer(network, edges, plan, checkpoint)
    log, losses = LossLog("decoder" if decoder_only else "autoencoder"), []
    torch.manual_seed(plan.seed + trainer.progress.step)
    while trainer.progress.fraction < 1:
        pictures = _make_batch(stream, shelf, plan, trainer.progress.step, trainer.progress.fraction, size)
        with half_precision(device):
            loss, absolute = _measure(vae, _to_tensor(pictures).to(device), decoder_only)
        trainer.apply(loss)
        losses.append(loss.item())
        log.add(trainer.progress, len(pictures), l1=absolute.item(), loss=losses[-1])
    trainer.save()
    trainer.use_average()
    if not decoder_only:
        _normalise(vae, stream, shelf, size)
    return losses


@torch.no_grad()
def encode_pictures(vae: AutoencoderKL, pictures: list[Picture]) -> torch.Tensor:
    """Encode pictures: (batch, 4, size // 8, size // 8), float32; the posterior's mean, no sampling."""
    device = next(vae.parameters()).device
    with half_precision(device):
        latents: torch.Tensor = vae.encode(_to_tensor(pictures).to(device)).latent_dist.mean
    return latents.float()


def _measure(vae: AutoencoderKL, real: torch.Tensor, decoder_only: bool) -> tuple[torch.Tensor, torch.Tensor]:
    with torch.set_grad_enabled(not decoder_only):
        mean = vae.encode(real).latent_dist.mean
    spread = mean.detach().float().std()
    noisy = mean + LATENT_NOISE * spread * torch.randn_like(mean)
    drawn = vae.decode(noisy).sample.float()
    absolute = (drawn - real).abs().mean()
    edges = sum(
        ((drawn[..., 1:] - drawn[..., :-1]) - (real[..., 1:] - real[..., :-1])).abs().mean()
        for drawn, real in ((drawn, real), (drawn.mT, real.mT))
    )
    # Keeps latents near unit size without a variational term, which would only blur.
    bound = (mean.float().square() - 1).clamp(min=0).mean()
    return absolute + edges + 1e-3 * bound, absolute.detach()


def _make_batch(
    stream: SceneStream, shelf: SpriteShelf, plan: Plan, step: int, fraction: float, size: int
) -> list[Picture]:
    if fraction >= CROP_SHARE:
        return [draw(stream, shelf, step * plan.batch + offset, size)[0] for offset in range(plan.batch)]
    rng = random.Random(f"crop:{plan.seed}:{step}")
    half, pictures = size // 2, []
    for offset in range(plan.batch * 4):
        picture, _ = draw(stream, shelf, step * plan.batch * 4 + offset, size)
        left, top = rng.randint(size // 16, size - half - size // 16), rng.randint(size // 16, size - half - size // 16)
        crop = picture[top : top + half, left : left + half]
        pictures.append(np.ascontiguousarray(crop[:, ::-1] if rng.random() < 0.5 else crop))
    return pictures


def _to_tensor(pictures: list[Picture]) -> torch.Tensor:
    """Stack pictures: (batch, 3, side, side), float32 from -1 to 1."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


@torch.no_grad()
def _normalise(vae: AutoencoderKL, stream: SceneStream, shelf: SpriteShelf, size: int) -> None:
    pictures = [draw(stream, shelf, index, size)[0] for index in range(NORMALISATION_SCENES)]
    latents = torch.cat([encode_pictures(vae, pictures[start : start + 16]) for start in range(0, len(pictures), 16)])
    fold_normalisation(vae, latents.mean((0, 2, 3)), latents.std((0, 2, 3)))


def reconstruct(vae: AutoencoderKL, pictures: list[Picture]) -> list[Image.Image]:
    """Encode and decode pictures, to look at what the autoencoder keeps."""
    with torch.no_grad():
        drawn = vae.decode(encode_pictures(vae, pictures)).sample.clamp(-1, 1)
    arrays = ((drawn.permute(0, 2, 3, 1) + 1) * 127.5).round().byte().cpu().numpy()
    return [Image.fromarray(array) for array in arrays]
