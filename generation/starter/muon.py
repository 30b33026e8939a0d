"""Muon: momentum whose update for each weight matrix is made orthogonal.

It needs about two thirds of the steps that Adam needs on networks like these, which decides what a
processor without a GPU can learn in an hour. Only for matrices and convolutions inside the network;
biases, norms and the outermost layers stay with AdamW.
Source: Keller Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024);
the step size that matches AdamW's: Liu et al., "Muon is scalable for LLM training" (2025).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from generation.starter.precision import has_bfloat16

# Coefficients of the quintic Newton-Schulz iteration, from the first source.
_A, _B, _C = 3.4445, -4.7750, 2.0315
_ADAM_RMS = 0.2


class Muon(torch.optim.Optimizer):
    """Momentum with orthogonal updates; ``lr`` means what it means to AdamW."""

    def __init__(self, params: Iterable[nn.Parameter], lr: float, momentum: float = 0.95, iterations: int = 3) -> None:
        """Take parameters of two or more dimensions; a convolution counts as (out, in x height x width)."""
        super().__init__(params, {"lr": lr, "momentum": momentum, "iterations": iterations})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Apply one update to every parameter that has a gradient."""
        loss = closure() if closure is not None else None
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group)
        return loss

    def _update(self, parameter: nn.Parameter, group: dict[str, Any]) -> None:
        assert parameter.grad is not None
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        momentum = state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
        direction = parameter.grad.lerp(momentum, group["momentum"]).flatten(1)
        update = orthogonalise(direction, group["iterations"])
        scale = _ADAM_RMS * max(update.shape) ** 0.5
        parameter.add_(update.view_as(parameter), alpha=-group["lr"] * scale)


def orthogonalise(matrix: torch.Tensor, iterations: int = 3) -> torch.Tensor:
    """Return about the nearest matrix whose singular values are one, float32; three iterations are enough here.

    The iterations run on the square of the matrix and multiply up into one factor, which is the same and takes
    two products with the long side instead of six.
    """
    matrix = matrix.bfloat16() if has_bfloat16(matrix.device) else matrix.float()
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / (wide.norm() + 1e-7)
    square = wide @ wide.T
    factor = torch.eye(len(square), dtype=square.dtype, device=square.device)
    for _ in range(iterations):
        polynomial = torch.addmm(_B * square, square, square, alpha=_C)
        polynomial.diagonal().add_(_A)
        factor = polynomial @ factor
        square = polynomial @ square @ polynomial
    update: torch.Tensor = factor @ wide
    return (update if matrix.shape[0] <= matrix.shape[1] else update.T).float()


def split_parameters(network: nn.Module, edges: Iterable[nn.Module]) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Split into (matrices for Muon, the rest for AdamW); layers in ``edges`` go to AdamW whole."""
    at_edge = {id(parameter) for edge in edges for parameter in edge.parameters()}
    matrices: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for parameter in network.parameters():
        is_matrix = parameter.ndim >= 2 and id(parameter) not in at_edge
        (matrices if is_matrix else rest).append(parameter)
    return matrices, rest
