"""What a training sees at its steps: latents and embeddings, made once and kept.

What belongs here: from pictures and words to tensors, and the pictures of the class, which the base model draws
itself. What does not: the steps (`dreambooth.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow

from generation.engine.scratch import read_input
from generation.engine.training import Sampling, TrainingPicture
from generation.inference.loading import LoadedModel
from generation.inference.schedulers import make_scheduler
from generation.inference.training_checkpoint import read_tensors, write_tensors

# The further cuts of a picture lose so much of its edges, from one side or the other.
_CROP_SHARES = (0.0, 0.05, 0.1, 0.15)
_CLASS_BATCH_MAX = 8


@dataclass(frozen=True)
class Words:
    """What the denoiser hears: embeddings (batch, tokens, width), and for SDXL the pooled ones and the sizes."""

    embeddings: torch.Tensor
    pooled: torch.Tensor | None = None
    time_ids: torch.Tensor | None = None

    def take(self, places: torch.Tensor) -> Words:
        """Return those at these places."""
        return Words(
            self.embeddings[places],
            None if self.pooled is None else self.pooled[places],
            None if self.time_ids is None else self.time_ids[places],
        )

    def arguments(self) -> dict[str, Any]:
        """Return the denoiser's arguments."""
        added = None if self.pooled is None else {"text_embeds": self.pooled, "time_ids": self.time_ids}
        return {"encoder_hidden_states": self.embeddings, "added_cond_kwargs": added}


@torch.no_grad()
def embed(pipeline: Any, prompts: Sequence[str], resolution: int) -> Words:
    """Embed prompts for pictures of this size; text encoders are not trained, so once is enough."""
    device = pipeline.unet.device
    found = pipeline.encode_prompt(
        list(prompts), device=device, num_images_per_prompt=1, do_classifier_free_guidance=False
    )
    if len(found) == 2:
        return Words(found[0])
    embeddings, _, pooled, _ = found
    # The original's size, the cut's corner, the size that is wanted.
    sizes = torch.tensor([resolution, resolution, 0, 0, resolution, resolution], dtype=embeddings.dtype, device=device)
    return Words(embeddings, pooled, sizes.expand(len(prompts), -1))


@torch.no_grad()
def encode_pictures(
    pipeline: Any, pictures: Sequence[TrainingPicture], resolution: int, crops: int, pause: Callable[[], None]
) -> torch.Tensor:
    """Return latents of `crops` cuts of each picture, on the CPU: (pictures × crops, channels, height, width)."""
    vae, latents = pipeline.vae, []
    for picture in pictures:
        pause()
        pixels = Pillow.fromarray(read_input(Path(picture.path)), "RGB")
        cuts = [_to_tensor(_cut(pixels, crop, resolution)) for crop in range(crops)]
        found = vae.encode(torch.stack(cuts).to(vae.device, vae.dtype)).latent_dist.mode()
        latents.append((found.float() * vae.config.scaling_factor).cpu())
    return torch.cat(latents)


def draw_class(
    model: LoadedModel, prompts: Sequence[str], count: int, sampling: Sampling, draw: ClassDrawing
) -> torch.Tensor:
    """Return latents of what the base model draws for the prompts in turn, on the CPU; what it drew before stays.

    Raises: OSError; whatever `draw.pause` raises.
    """
    tensors, facts = read_tensors(draw.path)
    latents = tensors.get("latents") if facts.get("base", "") == draw.base_sha256 else None
    done = 0 if latents is None else len(latents)
    draw.tell(min(done, count), count)
    while done < count:
        places = range(done, min(done + _CLASS_BATCH_MAX, count))
        words = [prompts[place % len(prompts)] for place in places]
        drawn = draw_latents(model, words, [draw.seed + place for place in places], sampling, draw)
        latents = drawn if latents is None else torch.cat([latents, drawn])
        write_tensors(draw.path, {"latents": latents}, {"base": draw.base_sha256})
        done = len(latents)
        draw.tell(done, count)
    assert latents is not None
    return latents[:count]


@dataclass(frozen=True)
class ClassDrawing:
    """Where the class pictures' latents are kept, their first seed, who hears how far it is, and whose they are."""

    path: Path
    seed: int
    resolution: int
    tell: Callable[[int, int], None]
    pause: Callable[[], None]
    base_sha256: str = ""


@torch.no_grad()
def draw_latents(
    model: LoadedModel, prompts: Sequence[str], seeds: Sequence[int], sampling: Sampling, draw: ClassDrawing
) -> torch.Tensor:
    """Draw pictures and return their latents on the CPU: as the denoiser gives them, never decoded."""
    return _draw(model, prompts, seeds, sampling, draw.resolution, draw.pause, "latent").float().cpu()


@torch.no_grad()
def draw_pixels(
    model: LoadedModel, prompts: Sequence[str], seeds: Sequence[int], sampling: Sampling, resolution: int,
    pause: Callable[[], None],
) -> torch.Tensor:  # fmt: skip
    """Draw pictures: (batch, 3, height, width) from 0 to 1."""
    return _draw(model, prompts, seeds, sampling, resolution, pause, "pt")


def _draw(
    model: LoadedModel, prompts: Sequence[str], seeds: Sequence[int], sampling: Sampling, resolution: int,
    pause: Callable[[], None], output: str,
) -> torch.Tensor:  # fmt: skip
    pipeline = model.pipeline
    pipeline.scheduler = make_scheduler(sampling.scheduler, model.spec.family, model.scheduler_config)

    def between(_pipe: Any, _step: int, _timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        pause()
        return values

    drawn: torch.Tensor = pipeline(
        prompt=list(prompts),
        height=resolution,
        width=resolution,
        num_inference_steps=sampling.num_inference_steps,
        guidance_scale=sampling.guidance_scale,
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
        output_type=output,
        callback_on_step_end=between,
    ).images
    return drawn


def _cut(picture: Pillow.Image, crop: int, resolution: int) -> Pillow.Image:
    """Return the square of a picture: its middle for the first cut, a little moved and smaller for the next."""
    side = min(picture.size)
    share = _CROP_SHARES[crop % len(_CROP_SHARES)]
    kept = round(side * (1 - share))
    # To the four corners in turn: what is cut off is never the same.
    right, down = crop & 1, crop >> 1 & 1
    left = (picture.width - side) // 2 + (side - kept) * right
    top = (picture.height - side) // 2 + (side - kept) * down
    box = (left, top, left + kept, top + kept)
    return picture.resize((resolution, resolution), Pillow.Resampling.LANCZOS, box=box)


def _to_tensor(picture: Pillow.Image) -> torch.Tensor:
    """Return (3, height, width) from -1 to 1."""
    pixels = torch.from_numpy(np.asarray(picture, np.float32).copy())
    return pixels.permute(2, 0, 1) / 127.5 - 1
