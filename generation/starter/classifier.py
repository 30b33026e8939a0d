"""A small judge for the starter model: names the object in a picture.

It is trained on augmented sprites alone, never on generated pictures, and says how often it is right on
renderings that it has not seen. What does not belong here: the model's own figures (``evaluate``).
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from generation.starter.dataset import Noun, SpriteShelf
from generation.starter.scenes import Background, PlacedObject, Scene, draw_scene
from generation.starter.vocabulary import COLOURS

SIDE = 64
HELD_OUT = 1000

logger = logging.getLogger(__name__)


class Classifier(nn.Module):
    """Four strided convolutions and a linear layer: (batch, 3, 64, 64) from -1 to 1 → (batch, names)."""

    def __init__(self, names: Sequence[str], width: int = 24) -> None:
        """Make untrained weights for these names."""
        super().__init__()
        self.names = list(names)
        layers: list[nn.Module] = []
        channels = 3
        for wider in (width, width * 2, width * 4, width * 8):
            layers += [nn.Conv2d(channels, wider, 3, 2, 1), nn.BatchNorm2d(wider), nn.ReLU()]
            layers += [nn.Conv2d(wider, wider, 3, 1, 1), nn.BatchNorm2d(wider), nn.ReLU()]
            channels = wider
        # The 4 x 4 map stays whole: where a shape is tells drawings apart better than its mean.
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * 16, 256), nn.ReLU())
        self.head = nn.Linear(256, len(self.names))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Score every name."""
        scores: torch.Tensor = self.head(self.body(pictures))
        return scores

    @torch.no_grad()
    def name(self, pictures: Sequence[Image.Image]) -> list[str]:
        """Return the likeliest name of each picture."""
        self.eval()
        tensor = to_tensor([picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX) for picture in pictures])
        return [self.names[place] for place in self(tensor).argmax(1).tolist()]


def train_classifier(nouns: Sequence[Noun], shelf: SpriteShelf, steps: int, batch: int = 64) -> Classifier:
    """Train on ``steps`` batches of augmented sprites."""
    torch.manual_seed(0)
    classifier = Classifier([noun.name for noun in nouns]).train()
    optimizer = torch.optim.AdamW(classifier.parameters(), 2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    for step in range(steps):
        pictures, labels = render_batch(classifier.names, shelf, random.Random(f"train:{step}"), batch)
        loss = nn.functional.cross_entropy(classifier(pictures), labels, label_smoothing=0.05)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        if step % 100 == 0:
            logger.info("classifier step %d of %d, loss %.3f", step, steps, loss.item())
    return classifier.eval()


@torch.no_grad()
def measure_classifier(classifier: Classifier, shelf: SpriteShelf, count: int = HELD_OUT) -> float:
    """Return the share of held-out renderings that are named right."""
    classifier.eval()
    right = 0
    for start in range(0, count, 50):
        pictures, labels = render_batch(classifier.names, shelf, random.Random(f"held out:{start}"), 50)
        right += int((classifier(pictures).argmax(1) == labels).sum())
    return right / (len(range(0, count, 50)) * 50)


def load_or_train(nouns: Sequence[Noun], shelf: SpriteShelf, path: Path, steps: int) -> Classifier:
    """Load the classifier from ``path``, or train it and save it there."""
    if path.exists():
        content = torch.load(path, weights_only=True)
        if content["names"] == [noun.name for noun in nouns]:
            classifier = Classifier(content["names"])
            classifier.load_state_dict(content["weights"])
            return classifier.eval()
    classifier = train_classifier(nouns, shelf, steps)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"names": classifier.names, "weights": classifier.state_dict()}, path)
    return classifier


def render_batch(
    names: Sequence[str], shelf: SpriteShelf, rng: random.Random, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Render augmented sprites: (count, 3, 64, 64) float32, and their labels (count,)."""
    labels = [rng.randrange(len(names)) for _ in range(count)]
    return to_tensor([_render(names[label], shelf, rng) for label in labels]), torch.tensor(labels)


def to_tensor(pictures: Sequence[Image.Image]) -> torch.Tensor:
    """Stack pictures of one size: (batch, 3, side, side), float32 from -1 to 1."""
    array = np.stack([np.asarray(picture, np.uint8) for picture in pictures])
    return torch.from_numpy(array).permute(0, 3, 1, 2).float() / 127.5 - 1


def _render(name: str, shelf: SpriteShelf, rng: random.Random) -> Image.Image:
    size = rng.choice((64, 72, 80, 88, 96, 104, 112, 120))
    slack = (128 - size) // 2
    x, y = 64 + rng.randint(-slack, slack), 64 + rng.randint(-slack, slack)
    kind = rng.choice(("plain", "plain", "plain", "gradient", "grass", "sand", "water", "snow", "night sky"))
    colours = tuple(rng.choice(list(COLOURS.values())) for _ in range(2))
    if rng.random() < 0.4:
        kind, colours = "plain", (COLOURS["white"],)
    scene = Scene(name, (PlacedObject(name, x, y, size),), Background(kind, colours), "single")
    picture = Image.fromarray(draw_scene(scene, shelf.read, SIDE))
    # Softened renderings too: the judge must name what is drawn, not how sharp it is.
    if rng.random() < 0.5:
        coarse = rng.randint(18, 48)
        picture = picture.resize((coarse, coarse), Image.Resampling.BOX).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    gain = np.array([rng.uniform(0.85, 1.15) for _ in range(3)])
    return Image.fromarray(np.clip(np.asarray(picture) * gain, 0, 255).astype(np.uint8))
