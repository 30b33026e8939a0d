"""What the starter's tests stand on: one thread, and a tiny set of pictures of our own."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from generation.starter.dataset import Noun, SceneStream, SpriteShelf

Toys = tuple[SceneStream, SpriteShelf]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Small networks are slower on two threads than on one."""
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture
def toy_nouns() -> list[Noun]:
    """Three names."""
    return [Noun(name, name, 0) for name in ("apple", "leaf", "drop")]


@pytest.fixture
def toy_set(tmp_path: Path, toy_nouns: list[Noun]) -> Toys:
    """Three flat sprites of our own, so that nothing is fetched."""
    for noun, colour in zip(toy_nouns, ((220, 30, 30), (30, 170, 60), (40, 90, 220)), strict=True):
        sprite = Image.new("RGBA", (64, 64))
        sprite.paste((*colour, 255), (12, 12, 52, 52))
        sprite.save(tmp_path / f"{noun.name}.webp", lossless=True)
    return SceneStream(toy_nouns), SpriteShelf(toy_nouns, tmp_path)
