"""What a denoiser is trained for: noise on latents, what it should have said, and what each mistake weighs.

Everything follows from the schedule that the base model was made with; another would teach it mud.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from diffusers import DDPMScheduler

from generation.inference.errors import InvalidRequest

_TARGETS = ("epsilon", "v_prediction")
# A schedule that ends in pure noise gives its last steps no weight, and they decide what is drawn.
_ZERO_SNR_FLOOR = 0.5
_NOISY_PART = 0.25


@dataclass(frozen=True)
class Noised:
    """Latents with noise on them, at their timesteps, and what is to be predicted. All (batch, …), float32."""

    latents: torch.Tensor
    timesteps: torch.Tensor
    target: torch.Tensor
    weights: torch.Tensor

    def loss(self, predicted: torch.Tensor) -> torch.Tensor:
        """Return the weighted squared error of each picture: (batch,)."""
        errors: torch.Tensor = (predicted.float() - self.target).square().flatten(1).mean(1) * self.weights
        return errors


class Schedule:
    """The noise of a base model."""

    def __init__(self, config: Any) -> None:
        """Read the model's own. Raises: InvalidRequest for one that predicts neither noise nor velocity."""
        self._scheduler = DDPMScheduler.from_config(config)
        self.prediction_type = str(self._scheduler.config.prediction_type)
        if self.prediction_type not in _TARGETS:
            raise InvalidRequest("prediction_type", self.prediction_type, f"one of {', '.join(_TARGETS)}")

    @property
    def length(self) -> int:
        """How many timesteps there are."""
        return int(self._scheduler.config.num_train_timesteps)

    def noise(
        self, latents: torch.Tensor, generator: torch.Generator, *, noisy_share: float, snr_gamma: float
    ) -> Noised:
        """Put noise on latents, (batch, channels, height, width), at timesteps of the generator's choice.

        The generator is the CPU's, so that a step is the same step on every device and after every restart.
        """
        noise = torch.randn(latents.shape, generator=generator).to(latents)
        timesteps = self._timesteps(len(latents), generator, noisy_share).to(latents.device)
        noisy = self._scheduler.add_noise(latents, noise, timesteps)
        if self.prediction_type == "epsilon":
            target = noise
        else:
            target = self._scheduler.get_velocity(latents, noise, timesteps)
        return Noised(noisy, timesteps, target, self.weights(timesteps, snr_gamma))

    def weights(self, timesteps: torch.Tensor, snr_gamma: float) -> torch.Tensor:
        """Return the min-SNR weight of each timestep.

        Source: Hang et al., "Efficient diffusion training via min-SNR weighting strategy" (2023).
        """
        alphas = self._scheduler.alphas_cumprod.to(timesteps.device)[timesteps]
        snr = alphas / (1 - alphas).clamp(min=1e-8)
        clipped = snr.clamp(max=snr_gamma)
        if self.prediction_type == "epsilon":
            weights: torch.Tensor = clipped / snr.clamp(min=1e-8)
            return weights
        weights = clipped / (snr + 1)
        return weights.clamp(min=_ZERO_SNR_FLOOR) if self._scheduler.config.rescale_betas_zero_snr else weights

    def _timesteps(self, count: int, generator: torch.Generator, noisy_share: float) -> torch.Tensor:
        """Sample timesteps spread evenly over the batch: less chance in the gradient than independent draws."""
        spread = (torch.arange(count) + torch.rand(count, generator=generator)) / count
        # A batch is in an order of its own, or a picture's place in it would decide how noisy it is.
        spread = spread[torch.randperm(count, generator=generator)]
        if noisy_share:
            noisy = 1 - _NOISY_PART
            low, high = spread / max(1 - noisy_share, 1e-6), (spread - (1 - noisy_share)) / noisy_share
            spread = torch.where(spread < 1 - noisy_share, low * noisy, noisy + high * _NOISY_PART)
        return (spread * self.length).long().clamp(0, self.length - 1)
