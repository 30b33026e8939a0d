"""The training command runs from nothing at toy size, learns, resumes, and its result is a pipeline."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from PIL import Image

from generation.starter.autoencoder_training import encode_pictures, train_autoencoder
from generation.starter.dataset import Noun, SceneStream, SpriteShelf, draw
from generation.starter.loading import load_pipeline, load_text_encoder, verify_checksums
from generation.starter.networks import TOY, fold_normalisation, make_scheduler, make_unet, make_vae
from generation.starter.train import export
from generation.starter.training import Plan
from generation.starter.unet_training import CaptionEncoder, LatentPool, train_unet

SIZE = 64


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Small networks are slower on two threads than on one."""
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture
def toy_set(tmp_path: Path) -> tuple[SceneStream, SpriteShelf]:
    """Three flat sprites of our own, so that nothing is fetched."""
    nouns = []
    for name, colour in (("apple", (220, 30, 30)), ("leaf", (30, 170, 60)), ("drop", (40, 90, 220))):
        sprite = Image.new("RGBA", (64, 64))
        sprite.paste((*colour, 255), (12, 12, 52, 52))
        sprite.save(tmp_path / f"{name}.webp", lossless=True)
        nouns.append(Noun(name, name, 0))
    return SceneStream(nouns), SpriteShelf(nouns, tmp_path)


def test_untrained_autoencoder_already_keeps_colours(toy_set: tuple[SceneStream, SpriteShelf]) -> None:
    stream, shelf = toy_set
    vae = make_vae(sample_size=SIZE)
    pictures = [draw(stream, shelf, index, SIZE)[0] for index in range(8)]
    wanted = torch.tensor([picture.reshape(-1, 3).mean(0).tolist() for picture in pictures]) / 127.5 - 1
    latents = encode_pictures(vae, pictures)
    assert (latents[:, :3].mean((2, 3)) - wanted).abs().max() < 0.15


def test_autoencoder_training_lowers_its_loss(toy_set: tuple[SceneStream, SpriteShelf], tmp_path: Path) -> None:
    stream, shelf = toy_set
    losses = train_autoencoder(
        make_vae(TOY, SIZE), stream, shelf, Plan(steps=60, batch=2), tmp_path / "vae.pt", SIZE
    )  # fmt: skip
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])


def test_unet_training_lowers_its_loss_and_resumes(toy_set: tuple[SceneStream, SpriteShelf], tmp_path: Path) -> None:
    stream, shelf = toy_set
    pool, captions = _make_pool(stream, shelf)
    checkpoint = tmp_path / "unet.pt"
    arguments = (make_scheduler(), pool, captions.encode([""]))
    first = train_unet(
        make_unet(TOY, SIZE // 8), *arguments, Plan(steps=80, batch=16), checkpoint, prefill=64
    )  # fmt: skip
    more = train_unet(
        make_unet(TOY, SIZE // 8), *arguments, Plan(steps=100, batch=16), checkpoint, prefill=64
    )  # fmt: skip
    assert sum(first[-10:]) < 0.75 * sum(first[:10])
    assert len(more) == 20
    assert sum(more[:10]) < 0.85 * sum(first[:10])


def test_exported_model_loads_and_draws_unknown_words(tmp_path: Path) -> None:
    export(tmp_path / "model", make_vae(TOY, SIZE), make_unet(TOY, SIZE // 8))
    verify_checksums(tmp_path / "model")
    pipeline = load_pipeline(tmp_path / "model")
    pipeline.set_progress_bar_config(disable=True)
    generator = torch.Generator().manual_seed(random.Random(1).randrange(100))
    picture = pipeline("a zyzzyva", num_inference_steps=2, generator=generator).images[0]
    assert picture.size == (SIZE, SIZE)


def test_folding_normalisation_leaves_pictures_alone() -> None:
    vae = make_vae(TOY, SIZE)
    pictures = torch.rand(2, 3, SIZE, SIZE) * 2 - 1
    with torch.no_grad():
        latents = vae.encode(pictures).latent_dist.mean
        before = vae.decode(latents).sample
        mean, std = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
        fold_normalisation(vae, mean, std)
        folded = vae.encode(pictures).latent_dist.mean
        after = vae.decode(folded).sample
    assert torch.allclose(folded.mean((0, 2, 3)), torch.zeros(4), atol=1e-4)
    assert torch.allclose(folded.std((0, 2, 3)), torch.ones(4), atol=1e-3)
    assert torch.allclose(before, after, atol=1e-3)


def test_captions_are_encoded_as_the_pipeline_does(tmp_path: Path) -> None:
    export(tmp_path / "model", make_vae(TOY, SIZE), make_unet(TOY, SIZE // 8))
    pipeline = load_pipeline(tmp_path / "model")
    fed, empty = pipeline.encode_prompt("two red foxes", "cpu", 1, do_classifier_free_guidance=True)
    ours = CaptionEncoder(*load_text_encoder()).encode(["two red foxes", ""])
    assert torch.allclose(fed[0], ours[0], atol=1e-5)
    assert torch.allclose(empty[0], ours[1], atol=1e-5)


def _make_pool(stream: SceneStream, shelf: SpriteShelf) -> tuple[LatentPool, CaptionEncoder]:
    captions = CaptionEncoder(*load_text_encoder())
    pool = LatentPool(make_vae(TOY, SIZE).eval(), captions, stream, shelf, SIZE, capacity=128, start=0)
    return pool, captions
