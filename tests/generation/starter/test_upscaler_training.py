from pathlib import Path

import numpy as np
import pytest
import torch

from generation.starter.networks import TOY, make_vae
from generation.starter.training import Plan
from generation.starter.upscaler import CompactUpscaler
from generation.starter.upscaler_training import (
    SCALE,
    Enlargements,
    compare,
    enlarge,
    make_enlargements,
    measure,
    train_upscaler,
)
from tests.generation.starter.conftest import Toys

SIZE = 32


def test_training_lowers_its_loss_and_brings_pictures_nearer(toy_set: Toys, tmp_path: Path) -> None:
    stream, shelf = toy_set
    pictures, network = make_enlargements(None, stream, shelf, range(8), SIZE), CompactUpscaler(8, 1)
    before = measure(lambda picture: enlarge(network, picture), pictures)
    losses = train_upscaler(network, pictures, Plan(steps=200, batch=4, learning_rate=5e-3), tmp_path / "up.pt")
    after = measure(lambda picture: enlarge(network, picture), pictures)
    assert sum(losses[-50:]) < 0.9 * sum(losses[:50])
    assert after["psnr"] > before["psnr"]


def test_training_goes_on_from_its_checkpoint(toy_set: Toys, tmp_path: Path) -> None:
    stream, shelf = toy_set
    pictures = make_enlargements(None, stream, shelf, range(2), SIZE)
    train_upscaler(CompactUpscaler(4, 1), pictures, Plan(steps=6, batch=2), tmp_path / "up.pt")
    assert len(train_upscaler(CompactUpscaler(4, 1), pictures, Plan(steps=10, batch=2), tmp_path / "up.pt")) == 4


def test_half_of_the_small_pictures_are_drawn_by_the_autoencoder(toy_set: Toys) -> None:
    stream, shelf = toy_set
    plain, drawn = (make_enlargements(vae, stream, shelf, range(6), SIZE) for vae in (None, make_vae(TOY, SIZE).eval()))
    assert torch.equal(plain.large, drawn.large)
    assert [torch.equal(a, b) for a, b in zip(plain.small, drawn.small, strict=True)] == [False] * 3 + [True] * 3


def test_crops_show_the_same_place_in_both_sizes() -> None:
    small = torch.randint(0, 256, (2, 3, 48, 48), dtype=torch.uint8)
    pictures = Enlargements(small, small.repeat_interleave(SCALE, 2).repeat_interleave(SCALE, 3))
    one, other = pictures.crop(8)
    assert torch.equal(one.repeat_interleave(SCALE, 2).repeat_interleave(SCALE, 3), other)


@pytest.mark.parametrize(("step", "psnr"), [(1, 48.13), (10, 28.13)])
def test_the_measure_is_the_textbook_psnr(step: int, psnr: float) -> None:
    large = torch.full((1, 3, 8, 8), 100, dtype=torch.uint8)
    large[..., ::2] = 60
    pictures = Enlargements(torch.zeros(1, 3, 4, 4, dtype=torch.uint8), large)
    shifted = np.ascontiguousarray(large[0].permute(1, 2, 0).numpy() + np.uint8(step))
    assert measure(lambda _: shifted, pictures) == {"psnr": psnr, "edges": 1.0}


def test_network_and_lanczos_are_measured_on_both_kinds_of_picture(toy_set: Toys) -> None:
    stream, shelf = toy_set
    found = compare(CompactUpscaler(4, 1), make_vae(TOY, SIZE).eval(), stream, shelf, 2, SIZE)
    assert set(found) == {"scenes", "drawn"}
    # Neither has learned anything: both are formulas, and close.
    assert abs(found["scenes"]["network"]["psnr"] - found["scenes"]["lanczos"]["psnr"]) < 3
