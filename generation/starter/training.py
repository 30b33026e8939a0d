"""What both training stages share: the time budget, the learning rate, the moving average, checkpoints.

What belongs here: mechanics that know no network. What does not: losses, batches, command lines.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from generation.starter.muon import Muon, split_parameters

WARMUP_STEPS = 50
FLOOR = 0.02

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train. A run ends at ``minutes`` or ``steps``, whichever comes first."""

    minutes: float = 60.0
    steps: int | None = None
    batch: int = 32
    learning_rate: float = 1e-3
    ema_decay: float = 0.998
    checkpoint_minutes: float = 5.0
    seed: int = 0


class Progress:
    """Counts steps and time over restarts, so that the learning rate falls as if there had been none."""

    def __init__(self, plan: Plan, step: int = 0, seconds: float = 0.0) -> None:
        """Start counting now, from what an earlier run had reached."""
        self.plan = plan
        self.step = step
        self._before = seconds
        self._start = time.monotonic()
        self._last_checkpoint = self._start

    @property
    def seconds(self) -> float:
        """Time trained so far, earlier runs counted in."""
        return self._before + time.monotonic() - self._start

    @property
    def fraction(self) -> float:
        """Share of the budget that is used, 0 to 1."""
        by_time = self.seconds / (self.plan.minutes * 60)
        by_steps = self.step / self.plan.steps if self.plan.steps else 0.0
        return min(1.0, max(by_time, by_steps))

    @property
    def rate(self) -> float:
        """Learning rate relative to its peak: a short warm-up, flat, then a cosine over the last 70 %."""
        fall = max(0.0, (self.fraction - 0.3) / 0.7)
        cosine = FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * fall))
        return min(1.0, (self.step + 1) / WARMUP_STEPS) * cosine

    def is_checkpoint_due(self) -> bool:
        """Tell once per ``checkpoint_minutes`` that it is time to save."""
        now = time.monotonic()
        if now - self._last_checkpoint < self.plan.checkpoint_minutes * 60:
            return False
        self._last_checkpoint = now
        return True


class Average:
    """An exponential moving average of a network's weights; it starts young and ages with the steps."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        """Copy the weights as they are."""
        self._decay = decay
        self.weights = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the network's weights."""
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, value in network.state_dict().items():
            self.weights[name].lerp_(value, 1 - decay)


class Trainer:
    """A network with its optimizers, average and progress, and the file that they live in."""

    def __init__(self, network: nn.Module, edges: list[nn.Module], plan: Plan, checkpoint: Path) -> None:
        """Set everything up, and go on from ``checkpoint`` if it exists."""
        self.network = network
        self.checkpoint = checkpoint
        matrices, rest = split_parameters(network, edges)
        self._rest = rest
        # Twice AdamW's rate: orthogonal updates stay bounded and bear it.
        self._optimizers: list[tuple[torch.optim.Optimizer, float]] = [
            (Muon(matrices, plan.learning_rate), 2.0),
            (torch.optim.AdamW(rest, plan.learning_rate, betas=(0.9, 0.95), weight_decay=0.0), 1.0),
        ]
        self.average = Average(network, plan.ema_decay)
        self.progress = Progress(plan)
        if checkpoint.exists():
            self._restore()

    def apply(self, loss: torch.Tensor) -> None:
        """Take one step down the gradient of ``loss``."""
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._rest, 1.0)
        for optimizer, factor in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.progress.plan.learning_rate * factor * self.progress.rate
            optimizer.step()
        self.network.zero_grad(set_to_none=True)
        self.progress.step += 1
        self.average.update(self.network, self.progress.step)
        if self.progress.is_checkpoint_due():
            self.save()

    def save(self) -> None:
        """Write the checkpoint whole or not at all: a kill in mid-write leaves the one before."""
        content = {
            "network": self.network.state_dict(),
            "average": self.average.weights,
            "optimizers": [optimizer.state_dict() for optimizer, _ in self._optimizers],
            "step": self.progress.step,
            "seconds": self.progress.seconds,
        }
        partial = self.checkpoint.with_suffix(".partial")
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        torch.save(content, partial)
        partial.replace(self.checkpoint)

    def use_average(self) -> None:
        """Put the averaged weights into the network: what is shipped."""
        self.network.load_state_dict(self.average.weights)

    def _restore(self) -> None:
        device = next(self.network.parameters()).device
        content: dict[str, Any] = torch.load(self.checkpoint, map_location=device, weights_only=True)
        self.network.load_state_dict(content["network"])
        self.average.weights = content["average"]
        for (optimizer, _), state in zip(self._optimizers, content["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        self.progress = Progress(self.progress.plan, content["step"], content["seconds"])
        logger.info("resumed %s at step %d", self.checkpoint.name, self.progress.step)


class LossLog:
    """Averages what a training loop reports and logs it about once a minute."""

    def __init__(self, stage: str, every_seconds: float = 60.0) -> None:
        """Name the stage that the lines begin with."""
        self._stage = stage
        self._every = every_seconds
        self._since = time.monotonic()
        self._sums: dict[str, float] = {}
        self._count = 0
        self._samples = 0

    def add(self, progress: Progress, samples: int, **losses: float) -> None:
        """Take in one step's losses, and log when it is time."""
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._count += 1
        self._samples += samples
        elapsed = time.monotonic() - self._since
        if elapsed >= self._every:
            parts = " ".join(f"{name} {value / self._count:.4f}" for name, value in self._sums.items())
            speed = self._samples / elapsed
            percent = 100 * progress.fraction
            logger.info("%s step %d %.0f%% %s %.1f/s", self._stage, progress.step, percent, parts, speed)
            self._since, self._sums, self._count, self._samples = time.monotonic(), {}, 0, 0
