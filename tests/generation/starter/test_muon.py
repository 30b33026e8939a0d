import torch
from torch import nn

from generation.starter.muon import Muon, orthogonalise, split_parameters


def test_an_update_has_about_equal_singular_values() -> None:
    torch.manual_seed(0)
    for shape in ((16, 48), (48, 16)):
        values = torch.linalg.svdvals(orthogonalise(torch.randn(shape), iterations=5))
        assert values.max() < 1.5
        assert values.median() > 0.5


def test_it_finds_the_way_down() -> None:
    torch.manual_seed(0)
    wanted = torch.randn(8, 8)
    layer = nn.Linear(8, 8, bias=False)
    optimizer = Muon(layer.parameters(), lr=0.02)
    losses = []
    for _ in range(600):
        loss = (layer.weight - wanted).square().mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    assert losses[-1] < 0.1 * losses[0]


def test_edges_and_vectors_are_left_to_the_other_optimizer() -> None:
    network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))

    matrices, rest = split_parameters(network, [network[0]])

    assert [tuple(parameter.shape) for parameter in matrices] == [(4, 4)]
    assert matrices[0] is network[1].weight
    assert len(rest) == 3
