"""Distil the trained model into a LoRA that draws in a few steps: ``python -m generation.starter.distillation``.

The teacher draws with guidance in many steps; the student learns to name the teacher's finished latents at once,
from the same noise, and from those latents with fresh noise on them at the steps that ``LCMScheduler`` takes.
Guidance is thereby in the student, which runs without it: half the work at each of the few steps.
What belongs here: the teacher's drawings, the student's loss and loop, the LoRA's file. What does not: training
from nothing (``train``).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import DDIMScheduler, LCMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict

from generation.checksums import write_checksums
from generation.starter.dataset import DEFAULT_CACHE, SceneStream, open_dataset
from generation.starter.loading import load_pipeline
from generation.starter.networks import make_scheduler
from generation.starter.precision import half_precision
from generation.starter.training import LossLog, Plan, Progress
from generation.starter.unet_training import CaptionEncoder

ADAPTER = "few_steps"
STEP_COUNTS = (4, 6, 8)
# The layers that say what is drawn (attention) and how each level changes it (convolutions).
_TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "conv1", "conv2", "time_emb_proj"]


@dataclass(frozen=True)
class Drawings:
    """What the teacher drew: noise and finished latents (count, 4, side, side), captions (count, tokens, 384)."""

    noise: torch.Tensor
    latents: torch.Tensor
    embeddings: torch.Tensor


@torch.no_grad()
def draw_with_teacher(
    unet: UNet2DConditionModel, captions: CaptionEncoder, texts: list[str], *,
    steps: int, guidance: float, seed: int, batch: int = 32,
) -> Drawings:  # fmt: skip
    """Let the teacher draw every text with ``guidance`` in ``steps`` steps, without randomness but the first noise."""
    scheduler = make_scheduler()
    scheduler.set_timesteps(steps)
    side, device = unet.config.sample_size, next(unet.parameters()).device
    noise = torch.randn(len(texts), 4, side, side, generator=torch.Generator().manual_seed(seed))
    embeddings, empty = captions.encode(texts), captions.encode([""])
    finished = []
    for start in range(0, len(texts), batch):
        latents = noise[start : start + batch].to(device)
        words = embeddings[start : start + batch]
        both = torch.cat([empty.expand(len(words), -1, -1), words])
        for timestep in scheduler.timesteps:
            with half_precision(device):
                plain, worded = unet(latents.repeat(2, 1, 1, 1), timestep, both).sample.float().chunk(2)
            latents = scheduler.step(plain + guidance * (worded - plain), timestep, latents).prev_sample
        finished.append(latents)
    return Drawings(noise.to(device), torch.cat(finished), embeddings)


def distil(unet: UNet2DConditionModel, drawings: Drawings, plan: Plan, *, rank: int = 3) -> list[float]:
    """Add a LoRA to ``unet`` and train it on the teacher's drawings; return the loss of each step."""
    unet.requires_grad_(False)
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=_TARGETS), adapter_name=ADAPTER)
    trainable = [parameter for parameter in unet.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trainable, plan.learning_rate, betas=(0.9, 0.95), weight_decay=0.0)
    scheduler, timesteps = make_scheduler(), few_step_timesteps()
    progress, log, losses = Progress(plan), LossLog("few steps"), []
    torch.manual_seed(plan.seed)
    while progress.fraction < 1:
        places = torch.randint(0, len(drawings.latents), (plan.batch,))
        wanted, words = drawings.latents[places], drawings.embeddings[places]
        chosen = timesteps[torch.randint(0, len(timesteps), (plan.batch,))].to(wanted.device)
        # From pure noise the teacher's own noise leads to its drawing; later steps get fresh noise, as in sampling.
        is_first = (chosen == timesteps.max())[:, None, None, None]
        noise = torch.where(is_first, drawings.noise[places], torch.randn_like(wanted))
        noisy = scheduler.add_noise(wanted, noise, chosen)
        with half_precision(wanted.device):
            velocity = unet(noisy, chosen, words).sample.float()
        loss = (to_finished(scheduler, noisy, velocity, chosen) - wanted).square().mean()
        loss.backward()  # type: ignore[no-untyped-call]
        for group in optimizer.param_groups:
            group["lr"] = plan.learning_rate * progress.rate
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        progress.step += 1
        losses.append(loss.item())
        log.add(progress, plan.batch, loss=losses[-1])
    return losses


def few_step_timesteps() -> torch.Tensor:
    """Return every timestep that ``LCMScheduler`` visits for the step counts on offer."""
    visited: set[int] = set()
    for count in STEP_COUNTS:
        scheduler = LCMScheduler.from_config(make_scheduler().config)
        scheduler.set_timesteps(count)
        visited |= set(scheduler.timesteps.tolist())
    return torch.tensor(sorted(visited))


def to_finished(
    scheduler: DDIMScheduler, noisy: torch.Tensor, velocity: torch.Tensor, timesteps: torch.Tensor
) -> torch.Tensor:
    """Return the finished latents that a prediction of velocity amounts to."""
    alphas = scheduler.alphas_cumprod.to(noisy.device)[timesteps][:, None, None, None]
    finished: torch.Tensor = alphas.sqrt() * noisy - (1 - alphas).sqrt() * velocity
    return finished


def save_adapter(unet: UNet2DConditionModel, folder: Path) -> None:
    """Write the LoRA of ``unet`` in half precision, where the model's weights lie, and renew their checksums."""
    layers = {
        name: value.half().contiguous() for name, value in get_peft_model_state_dict(unet, adapter_name=ADAPTER).items()
    }
    StableDiffusionPipeline.save_lora_weights(folder / ADAPTER, unet_lora_layers=layers)
    for path in (folder / ADAPTER).iterdir():
        path.chmod(0o644)
    write_checksums(folder)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="Distil the starter model into a few-step LoRA.")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    parser.add_argument("--model", type=Path, help="the teacher, which takes the LoRA (default CACHE/model)")
    parser.add_argument("--nouns", type=int, help="as in training")
    parser.add_argument("--drawings", type=int, default=1500, help="pictures that the teacher draws first")
    parser.add_argument("--teacher-steps", type=int, default=16)
    parser.add_argument("--guidance", type=float, default=2.5)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--rank", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(arguments)


def main() -> None:
    """Distil from the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    folder = options.model or options.cache / "model"
    pipeline = load_pipeline(folder)
    nouns, _ = open_dataset(options.cache, options.nouns)
    stream = SceneStream(nouns, seed=77)
    texts = [scene.caption for scene in stream.take(options.drawings)]
    captions = CaptionEncoder(pipeline.text_encoder, pipeline.tokenizer)
    drawings = draw_with_teacher(
        pipeline.unet, captions, texts, steps=options.teacher_steps, guidance=options.guidance, seed=77
    )
    plan = Plan(options.minutes, None, options.batch, options.learning_rate)
    losses = distil(pipeline.unet, drawings, plan, rank=options.rank)
    save_adapter(pipeline.unet, folder)
    print(json.dumps({"first": sum(losses[:20]) / 20, "last": sum(losses[-20:]) / 20}))


if __name__ == "__main__":
    main()
