"""Train the upscaler: ``python -m generation.starter.upscaler_training``.

It learns from scenes at 256 × 256 and what they are at 128 × 128, made smaller or drawn again by the starter's
autoencoder, which is what it will be given. What belongs here: its pictures, loss, loop, and its measure against
Lanczos. What does not: its architecture (``upscaler``).
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image

from generation.checksums import write_checksums
from generation.starter.autoencoder_training import reconstruct
from generation.starter.dataset import DEFAULT_CACHE, SceneStream, SpriteShelf, draw, open_dataset
from generation.starter.evaluate import measure_edges
from generation.starter.loading import WEIGHTS_FOLDER
from generation.starter.scenes import Picture
from generation.starter.training import LossLog, Plan, Trainer
from generation.starter.upscaler import FILE_NAME, CompactUpscaler, save_upscaler

SCALE = 2
# Side of a crop of the small picture.
CROP = 48
# Of the pictures: drawn by the autoencoder; the rest are scenes made smaller in one way or another.
DRAWN_SHARE = 0.5
_SMALLER = (Image.Resampling.LANCZOS, Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.BOX)
# Nouns from this one on are kept out of training: their sprites judge it.
HELD_OUT_FROM = 600

logger = logging.getLogger(__name__)

Enlarger = Callable[[Picture], Picture]


@dataclass(frozen=True)
class Enlargements:
    """Pictures and the same twice as large: (count, 3, side, side), uint8."""

    small: torch.Tensor
    large: torch.Tensor

    def crop(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ``count`` random crops of each, some mirrored, float32 from 0 to 1."""
        side = min(CROP, self.small.shape[-1])
        crops = []
        for place in torch.randint(0, len(self.small), (count,)).tolist():
            top, left = torch.randint(0, self.small.shape[-1] - side + 1, (2,)).tolist()
            pair = [
                pictures[place, :, top * scale : (top + side) * scale, left * scale : (left + side) * scale]
                for pictures, scale in ((self.small, 1), (self.large, SCALE))
            ]
            axes = [axis for axis in (1, 2) if torch.rand(()) < 0.5]
            crops.append([part.flip(axes) for part in pair])
        small, large = (torch.stack(parts).float() / 255 for parts in zip(*crops, strict=True))
        return small, large


def make_enlargements(
    vae: AutoencoderKL | None, stream: SceneStream, shelf: SpriteShelf, scenes: range, size: int,
    ways: Sequence[Image.Resampling] = _SMALLER,
) -> Enlargements:  # fmt: skip
    """Draw scenes at twice ``size`` and make them smaller; of ``DRAWN_SHARE`` of those ``vae`` draws the small one."""
    large = [draw(stream, shelf, scene, size * SCALE)[0] for scene in scenes]
    small = [
        np.asarray(Image.fromarray(picture).resize((size, size), ways[place % len(ways)]))
        for place, picture in enumerate(large)
    ]
    drawn = round(len(small) * DRAWN_SHARE) if vae is not None else 0
    for start in range(0, drawn, 16):
        part = slice(start, min(start + 16, drawn))
        assert vae is not None
        small[part] = [np.asarray(picture) for picture in reconstruct(vae, small[part])]
    return Enlargements(_stack(small), _stack(large))


def train_upscaler(network: CompactUpscaler, pictures: Enlargements, plan: Plan, checkpoint: Path) -> list[float]:
    """Train ``network`` in place to its moving average; return the loss of each step. ``plan.batch`` counts crops."""
    trainer = Trainer(network, [network.body[0], network.body[-1]], plan, checkpoint)
    log, losses = LossLog("upscaler"), []
    torch.manual_seed(plan.seed + trainer.progress.step)
    while trainer.progress.fraction < 1:
        small, large = pictures.crop(plan.batch)
        # What the crop cut off counts as black for the convolutions: its rim says nothing.
        rim = slice(network.reach * SCALE, -network.reach * SCALE)
        drawn, large = network(small)[..., rim, rim], large[..., rim, rim]
        edges = sum(
            ((a[..., 1:] - a[..., :-1]) - (b[..., 1:] - b[..., :-1])).abs().mean()
            for a, b in ((drawn, large), (drawn.mT, large.mT))
        )
        loss = (drawn - large).abs().mean() + edges
        trainer.apply(loss)
        losses.append(loss.item())
        log.add(trainer.progress, plan.batch, loss=losses[-1])
    trainer.save()
    trainer.use_average()
    return losses


def measure(enlarge: Enlarger, pictures: Enlargements) -> dict[str, float]:
    """Return the mean PSNR in dB and the edge strength, each against the large pictures."""
    small, large = (_unstack(part) for part in (pictures.small, pictures.large))
    drawn = [enlarge(picture) for picture in small]
    return {
        "psnr": round(float(np.mean([measure_psnr(one, real) for one, real in zip(drawn, large, strict=True)])), 2),
        "edges": round(float(np.mean([*map(measure_edges, drawn)]) / np.mean([*map(measure_edges, large)])), 3),
    }


def compare(network: CompactUpscaler, vae: AutoencoderKL, stream: SceneStream, shelf: SpriteShelf, count: int,
            size: int = 128) -> dict[str, dict[str, dict[str, float]]]:  # fmt: skip
    """Measure the network and Lanczos on scenes made smaller and on what the autoencoder makes of these."""
    scenes = make_enlargements(None, stream, shelf, range(count), size, _SMALLER[:1])
    drawn = Enlargements(_stack([np.asarray(one) for one in reconstruct(vae, _unstack(scenes.small))]), scenes.large)
    ways: dict[str, Enlarger] = {"network": lambda picture: enlarge(network, picture), "lanczos": lanczos}
    return {
        name: {way: measure(run, pictures) for way, run in ways.items()}
        for name, pictures in (("scenes", scenes), ("drawn", drawn))
    }


@torch.no_grad()
def enlarge(network: CompactUpscaler, picture: Picture) -> Picture:
    """Enlarge one picture whole."""
    return _unstack((network.enlarge(_stack([picture]).float() / 255).clamp(0, 1) * 255).round().byte())[0]


def lanczos(picture: Picture) -> Picture:
    """Enlarge one picture by the formula that needs no weights."""
    height, width = picture.shape[:2]
    return np.asarray(Image.fromarray(picture).resize((width * SCALE, height * SCALE), Image.Resampling.LANCZOS))


def measure_psnr(drawn: Picture, real: Picture) -> float:
    """Return the peak signal-to-noise ratio in dB."""
    error = float(np.mean((drawn.astype(np.float32) - real.astype(np.float32)) ** 2))
    return 10 * float(np.log10(255**2 / max(error, 1e-6)))


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="Train the starter's upscaler.")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    parser.add_argument("--out", type=Path, help="folder (default CACHE/upscaler)")
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--batch", type=int, default=8, help="crops a step")
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--layers", type=int, default=2, help="convolutions between the first and the last")
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(arguments)


def main() -> None:
    """Train from the command line, write the weights, print the figures."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    nouns, shelf = open_dataset(options.cache)
    vae = AutoencoderKL.from_pretrained(WEIGHTS_FOLDER / "vae", use_safetensors=True, dtype=torch.float32).eval()
    stream = SceneStream(nouns[:HELD_OUT_FROM], (1, 1, 1))
    pictures = make_enlargements(vae, stream, shelf, range(options.scenes), 128)
    logger.info("%d scenes drawn", options.scenes)
    network = CompactUpscaler(options.channels, options.layers)
    plan = Plan(options.minutes, None, options.batch, options.learning_rate, checkpoint_minutes=1)
    name = f"upscaler-{options.channels}-{options.layers}.pt"
    train_upscaler(network, pictures, plan, options.cache / "checkpoints" / name)
    out = options.out or options.cache / "upscaler"
    save_upscaler(network, out / FILE_NAME)
    write_checksums(out)
    held_out = SceneStream(nouns[HELD_OUT_FROM:], (0, 0, 1), seed=1)
    print(json.dumps(compare(network.eval(), vae, held_out, shelf, 100), indent=2))


def _stack(pictures: Sequence[Picture]) -> torch.Tensor:
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()


def _unstack(pictures: torch.Tensor) -> list[Picture]:
    return list(pictures.permute(0, 2, 3, 1).contiguous().numpy())


if __name__ == "__main__":
    main()
