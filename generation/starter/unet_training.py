"""Train the starter's UNet on latents of composed scenes.

What belongs here: the pool of latents and captions, the loss, the loop. What does not: the UNet's
architecture (``networks``), composition (``scenes``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import nn
from transformers import BertModel, BertTokenizerFast

from generation.starter.autoencoder_training import encode_pictures
from generation.starter.dataset import SceneStream, SpriteShelf, draw
from generation.starter.networks import LATENT_CHANNELS, PIXELS_PER_LATENT, TEXT_WIDTH
from generation.starter.precision import half_precision
from generation.starter.scenes import NO_MARGIN, UNITS, Margin
from generation.starter.training import LossLog, Plan, Trainer

EMPTY_CAPTION_SHARE = 0.10
# Noise on the embeddings, up to so much: a word that stands in no caption is then drawn as its nearest neighbour.
CAPTION_NOISE = 0.4
# One scene in so many of a batch is new, the others come from the pool: drawing and encoding
# would otherwise take as long as the UNet's own step.
REUSE = 32
NOISY_PART = 0.25
# Pictures that are not square: the side of their scene and their margin, in units of 1/128 of the usual side.
# The network knows places by the edges of the picture, so every shape has to be shown to it.
FRAMES: tuple[tuple[int, Margin], ...] = ((96, (16, 0)), (96, (0, 16)), (128, (16, 0)), (128, (0, 16)), (96, (32, 0)))
# One step in so many is for one of these shapes.
FRAMED_EVERY = 4


class CaptionEncoder:
    """Captions to exactly the embeddings that the pipeline feeds the UNet, padding included."""

    def __init__(self, text_encoder: BertModel, tokenizer: BertTokenizerFast) -> None:
        """Take the frozen encoder as ``loading.load_text_encoder`` gives it."""
        self._encoder = text_encoder
        self._tokenizer = tokenizer

    @torch.no_grad()
    def encode(self, captions: Sequence[str]) -> torch.Tensor:
        """Return (batch, 20, 384), float32."""
        return self._encode(captions, padding="max_length")[0]

    @torch.no_grad()
    def mean(self, texts: Sequence[str]) -> torch.Tensor:
        """Return each text as one vector of length 1, as the encoder was trained for: (batch, 384), float32."""
        hidden, mask = self._encode(texts, padding="longest")
        return nn.functional.normalize((hidden * mask[..., None]).sum(1), dim=-1)

    def _encode(self, texts: Sequence[str], padding: str) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = self._tokenizer(
            list(texts), padding=padding, max_length=self._tokenizer.model_max_length,
            truncation=True, return_tensors="pt",
        )  # fmt: skip
        device = self._encoder.device
        mask: torch.Tensor = tokens.attention_mask.to(device)
        output = self._encoder(tokens.input_ids.to(device), attention_mask=mask)
        hidden: torch.Tensor = output.last_hidden_state
        return hidden.float(), mask


class LatentPool:
    """A ring of encoded scenes that is renewed a little at every step."""

    def __init__(
        self, vae: AutoencoderKL, captions: CaptionEncoder, stream: SceneStream, shelf: SpriteShelf,
        size: int, capacity: int, start: int, margin: Margin = NO_MARGIN,
    ) -> None:  # fmt: skip
        """Make an empty ring; ``start`` is the first scene of the stream to draw."""
        self._vae, self._captions, self._stream, self._shelf = vae, captions, stream, shelf
        self._size, self._margin, self._next, self._written = size, margin, start, 0
        columns, rows = ((size + 2 * pixels) // PIXELS_PER_LATENT for pixels in margin)
        length = captions.encode([""]).shape[1]
        device = next(vae.parameters()).device
        self._latents = torch.empty(capacity, LATENT_CHANNELS, rows, columns, dtype=torch.float16, device=device)
        self._embeddings = torch.empty(capacity, length, TEXT_WIDTH, dtype=torch.float16, device=device)

    def renew(self, count: int) -> None:
        """Draw and encode ``count`` new scenes over the oldest ones."""
        scenes = range(self._next, self._next + count)
        drawn = [draw(self._stream, self._shelf, scene, self._size, self._margin) for scene in scenes]
        self._next += count
        places = torch.arange(self._written, self._written + count) % len(self._latents)
        self._latents[places] = encode_pictures(self._vae, [picture for picture, _ in drawn]).half()
        self._embeddings[places] = self._captions.encode([caption for _, caption in drawn]).half()
        self._written += count

    def fill(self, count: int, chunk: int = 32) -> None:
        """Put in at least ``count`` scenes."""
        while self._written < count:
            self.renew(chunk)

    def sample(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ``count`` random latents and embeddings, float32."""
        filled = min(self._written, len(self._latents))
        places = torch.randint(0, filled, (count,))
        return self._latents[places].float(), self._embeddings[places].float()


def make_pools(
    vae: AutoencoderKL, captions: CaptionEncoder, stream: SceneStream, shelf: SpriteShelf,
    size: int, capacity: int, start: int,
) -> list[LatentPool]:  # fmt: skip
    """Make the ring of square scenes and a smaller one for each other shape."""
    pools = [LatentPool(vae, captions, stream, shelf, size, capacity, start)]
    for side, (across, down) in FRAMES:
        margin = (across * size // UNITS, down * size // UNITS)
        start += capacity
        pools.append(LatentPool(vae, captions, stream, shelf, side * size // UNITS, capacity // 4, start, margin))
    return pools


def train_unet(
    unet: UNet2DConditionModel, scheduler: DDIMScheduler, pools: Sequence[LatentPool], empty: torch.Tensor,
    plan: Plan, checkpoint: Path, *, prefill: int = 1500, compile_network: bool = False,
) -> list[float]:  # fmt: skip
    """Train ``unet`` in place to its moving average; return the loss of each step.

    The first pool is of the usual shape. ``empty`` is the embedding of the empty caption, (1, tokens, 384), for
    guidance without a classifier.
    """
    device = next(unet.parameters()).device
    if device.type == "cpu":
        # Plain matrix products: for maps of 4 x 4 the fused kernel's backward pass takes several times as long.
        unet.set_attn_processor(AttnProcessor())
    trainer = Trainer(unet, [unet.conv_in, unet.conv_out], plan, checkpoint)
    for pool in pools:
        pool.fill(prefill if pool is pools[0] else prefill // 4)
    forward = torch.compile(unet) if compile_network else unet
    log, losses = LossLog("unet"), []
    torch.manual_seed(plan.seed + trainer.progress.step)
    while trainer.progress.fraction < 1:
        pool = _choose_pool(pools, trainer.progress.step)
        pool.renew(max(1, plan.batch // REUSE))
        latents, embeddings = pool.sample(plan.batch)
        is_empty = torch.rand(plan.batch, device=device) < EMPTY_CAPTION_SHARE
        embeddings = torch.where(is_empty[:, None, None], empty.to(device), blur_captions(embeddings))
        noise = torch.randn_like(latents)
        timesteps = sample_timesteps(plan.batch, scheduler.config.num_train_timesteps).to(device)
        noisy = scheduler.add_noise(latents, noise, timesteps)
        target = scheduler.get_velocity(latents, noise, timesteps)
        with half_precision(device):
            predicted = forward(noisy, timesteps, embeddings).sample.float()
        errors = (predicted - target).square().mean((1, 2, 3))
        trainer.apply((errors * snr_weights(scheduler, timesteps)).mean())
        losses.append(errors.mean().item())
        is_early = timesteps >= scheduler.config.num_train_timesteps // 2
        high = errors[is_early].mean().item() if is_early.any() else 0.0
        log.add(trainer.progress, plan.batch, loss=losses[-1], high_noise=high)
    trainer.save()
    trainer.use_average()
    return losses


def blur_captions(embeddings: torch.Tensor) -> torch.Tensor:
    """Add noise to half of the embeddings, to each as much as chance gives it."""
    strength = CAPTION_NOISE * (2 * torch.rand(len(embeddings), 1, 1, device=embeddings.device) - 1).clamp(min=0)
    return embeddings + strength * torch.randn_like(embeddings)


def _choose_pool(pools: Sequence[LatentPool], step: int) -> LatentPool:
    turn, framed = divmod(step, FRAMED_EVERY)
    return pools[0] if framed or len(pools) == 1 else pools[1 + turn % (len(pools) - 1)]


def sample_timesteps(count: int, total: int) -> torch.Tensor:
    """Sample timesteps, half of them from the noisiest quarter: there the words alone decide what is drawn.

    They are spread evenly over a batch, which leaves less noise in the gradient than independent draws.
    """
    spread = (torch.arange(count) + torch.rand(count)) / count
    noisy = 1 - NOISY_PART
    shares = torch.where(spread < 0.5, spread * 2 * noisy, noisy + (spread - 0.5) * 2 * NOISY_PART)
    return (shares * total).long().clamp(0, total - 1)


def snr_weights(scheduler: DDIMScheduler, timesteps: torch.Tensor, gamma: float = 5.0) -> torch.Tensor:
    """Return a min-SNR weight for v-prediction, never below a half.

    Source: Hang et al., "Efficient diffusion training via min-SNR weighting" (2023), min(SNR, gamma) / (SNR + 1).
    Alone it gives the noisiest steps nothing, and with zero terminal SNR those decide which object is drawn.
    """
    alphas = scheduler.alphas_cumprod.to(timesteps.device)[timesteps]
    snr = alphas / (1 - alphas).clamp(min=1e-8)
    weights: torch.Tensor = (snr.clamp(max=gamma) / (snr + 1)).clamp(min=0.5)
    return weights
