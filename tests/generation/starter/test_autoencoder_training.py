from pathlib import Path

from generation.starter.autoencoder_training import train_autoencoder
from generation.starter.networks import TOY, make_vae
from generation.starter.training import Plan
from tests.generation.starter.conftest import Toys

SIZE = 64


def test_autoencoder_training_lowers_its_loss(toy_set: Toys, tmp_path: Path) -> None:
    stream, shelf = toy_set
    losses = train_autoencoder(
        make_vae(TOY, SIZE), stream, shelf, Plan(steps=40, batch=2), tmp_path / "vae.pt", SIZE
    )  # fmt: skip
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])
