from pathlib import Path

import torch
from torch import nn

from generation.starter.training import Average, Plan, Progress, Trainer


def make_trainer(checkpoint: Path, steps: int = 20) -> Trainer:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1))
    return Trainer(network, [network[1]], Plan(steps=steps, learning_rate=0.02), checkpoint)


def train(trainer: Trainer, steps: int) -> None:
    for _ in range(steps):
        inputs = torch.ones(2, 4)
        trainer.apply((trainer.network(inputs) - 3).square().mean())


def test_a_killed_training_goes_on_where_it_was_saved(tmp_path: Path) -> None:
    first = make_trainer(tmp_path / "x.pt")
    train(first, 5)
    first.save()
    train(first, 2)

    again = make_trainer(tmp_path / "x.pt")

    assert again.progress.step == 5
    train(again, 2)
    for ours, theirs in zip(again.network.parameters(), first.network.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


def test_a_half_written_checkpoint_never_replaces_a_whole_one(tmp_path: Path) -> None:
    trainer = make_trainer(tmp_path / "x.pt")
    trainer.save()
    (tmp_path / "x.partial").write_bytes(b"half")

    assert make_trainer(tmp_path / "x.pt").progress.step == 0


def test_the_rate_falls_with_the_budget() -> None:
    rates = [Progress(Plan(steps=1000), step=step).rate for step in (60, 500, 999)]

    assert rates == sorted(rates, reverse=True)
    assert Progress(Plan(steps=1000), step=1000).fraction == 1.0


def test_the_average_follows_the_weights() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    average = Average(network, decay=0.9)
    nn.init.ones_(network.weight)

    for step in range(200):
        average.update(network, step)

    assert average.weights["weight"].item() > 0.99
